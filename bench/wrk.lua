-- Cycles through the questions of the file $QUESTIONS and prints one line of JSON at the end.
-- A line is "GET <path>", "GET <path> <range>", "TILE <path>" (as a map asks: gzip accepted) or "POST <path> <body>".
local requests, at = {}, 0

function init(args)
  for line in io.lines(os.getenv("QUESTIONS")) do
    local method, path, rest = line:match("^(%u+) (%S+) ?(.*)$")
    if method == "POST" then
      requests[#requests + 1] = wrk.format("POST", path, { ["Content-Type"] = "application/json" }, rest)
    elseif method == "TILE" then
      requests[#requests + 1] = wrk.format("GET", path, { ["Accept-Encoding"] = "gzip" })
    elseif rest ~= "" then
      requests[#requests + 1] = wrk.format("GET", path, { ["Range"] = rest })
    else
      requests[#requests + 1] = wrk.format("GET", path)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
    'WRK {"requests": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "errors": %d, "not_2xx": %d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout, e.status))
end
