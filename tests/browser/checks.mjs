// What every page must be: accessible, whole at 320 px, correct HTML, typeset.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate } from 'html-validate';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const htmlvalidate = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // Void elements are written without a slash, long lines and trailing spaces are the server's affair.
    'long-title': 'off',
    // A group of boxes shares its name.
    'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit', 'button', 'reset'] }],
    'no-trailing-whitespace': 'off',
    'void-style': ['error', { style: 'omit' }],
    // `role="list"` gives back what `list-style: none` takes away in one browser.
    'no-redundant-role': 'off',
    // SVG drawings name themselves by aria-label.
    'svg-focusable': 'off',
    // French text has its own no-break spaces.
    'tel-non-breaking': 'off',
  },
});

export async function accessible(page, name) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  const found = result.violations.map((violation) =>
    `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  assert.deepEqual(found, [], `${name}: axe`);
}

export async function noOverflow(page, name) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 800 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 320, `${name}: ${width} px wide in a window of 320`);
  await page.setViewportSize(before);
}

export function validHtml(html, name) {
  const report = htmlvalidate.validateStringSync(html);
  const found = report.results.flatMap((one) => one.messages)
    .filter((message) => message.severity === 2)
    .map((message) => `${message.line}: ${message.ruleId}: ${message.message}`);
  assert.deepEqual(found, [], `${name}: html-validate`);
}

/** French typography: no plain space before high punctuation, the euro or per cent; no inline style. */
export function typeset(html, name) {
  const text = html
    .replace(/<(script|style|textarea|pre|code)[^>]*>.*?<\/\1>/gs, '')
    .replace(/<[^>]+>/g, '\n');
  const loose = text.match(/[^\n]{0,20} [:;!?€%»][^\n]{0,10}/g) ?? [];
  assert.deepEqual(loose, [], `${name}: plain spaces`);
  assert.ok(!/ style="/.test(html), `${name}: inline style`);
}

/** Every stop of the Tab key shows where it is. */
export async function visibleFocus(page, name, stops = 25) {
  for (let stop = 0; stop < stops; stop += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return true;
      const ringed = (element, part) => {
        const style = getComputedStyle(element, part);
        return parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
      };
      // A stretched link draws its ring around the whole card, with a pseudo-element.
      const shown = (element) => [undefined, '::before', '::after']
        .some((part) => ringed(element, part));
      const labels = [...(at.labels ?? [])];
      return shown(at) || labels.some(shown) || shown(at.parentElement)
        || at.closest('.carte') !== null && shown(at.closest('.carte'));
    });
    const where = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
    assert.ok(seen, `${name}: no visible focus on ${where}`);
  }
}
