-- wrk asks for the addresses of a file in turn, each time as another visitor, and ends with one line of
-- figures. Arguments: the file, then `gzip` or nothing.
local requests = {}
local turn = 0

function init(args)
  local number = 0
  for path in io.lines(args[1]) do
    number = number + 1
    local visitor = string.format("10.%d.%d.%d", math.floor(number / 65536) % 256,
      math.floor(number / 256) % 256, number % 256)
    local headers = { ["Host"] = wrk.headers["Host"], ["X-Forwarded-For"] = visitor }
    if args[2] == "gzip" then headers["Accept-Encoding"] = "gzip" end
    requests[number] = wrk.format("GET", path, headers)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration, failed,
    latency:percentile(50), latency:percentile(99), summary.bytes))
end
