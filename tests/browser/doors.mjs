// The way in: an address, the letter, the code.
import { letters, until } from './demo.mjs';
import { demo } from './house.mjs';

/** Letters to sign in that an address has, the newest first. */
const doorLetters = async (email) => (await letters(demo)).filter((letter) =>
  JSON.stringify(letter).includes(email) && /code de connexion/.test(letter.subject));

/** Wants a page behind the door and asks for a letter, which it answers. */
export async function asks(page, email, wanted = '/mon-espace') {
  const known = (await doorLetters(email)).length;
  await page.goto(demo.site + wanted);
  await page.waitForURL('**/connexion?suite=**');
  await page.locator('#courriel').fill(email);
  await page.getByRole('button', { name: 'Recevoir le lien' }).click();
  await page.waitForURL('**/connexion/code');
  return until('the letter', async () => {
    const found = await doorLetters(email);
    return found.length > known ? found[0] : null;
  }, 60);
}

export const codeIn = (letter) => letter.subject.match(/(\d{6})/)[1];

export async function types(page, code) {
  await page.locator('#code').fill(code);
  await page.getByRole('button', { name: 'Continuer' }).click();
}

/** Comes in by the code, to the page that was wanted. */
export async function enters(page, email, wanted = '/mon-espace') {
  await types(page, codeIn(await asks(page, email, wanted)));
  await page.waitForURL(demo.site + wanted);
}
