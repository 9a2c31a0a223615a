-- The requests of workers.ts, each for new logs, and a look at each response: its ids are those of one request, and it has no error.
-- Arguments: the body, with an @ for each id, and a name that no other run has.
local template, run, count, asked, outstanding, threads = '', '', 0, {}, {}, {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  template, run = arguments[1], arguments[2]
  good, wrong = 0, 0
end

function request()
  local ids = {}
  local body = template:gsub('@', function()
    count = count + 1
    local id = run .. '-' .. count
    table.insert(ids, id)
    return id
  end)
  outstanding[ids[1]] = ids
  return wrk.format('POST', nil, nil, body)
end

function response(status, headers, body)
  local first = body:match('"requestId":"([^"]+)"')
  local ids = first and outstanding[first]
  local isGood = status == 200 and ids ~= nil and not body:find('"errors"', 1, true)
  if isGood then
    outstanding[first] = nil
    for _, id in ipairs(ids) do
      if not body:find('"requestId":"' .. id .. '"', 1, true) then isGood = false end
    end
  end
  if isGood then good = good + 1 else wrong = wrong + 1 end
end

function done(summary)
  local allGood, allWrong = 0, 0
  for _, thread in ipairs(threads) do
    allGood = allGood + thread:get('good')
    allWrong = allWrong + thread:get('wrong')
  end
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('RESULT {"good":%d,"wrong":%d,"lost":%d,"microseconds":%d}\n', allGood, allWrong, lost, summary.duration))
end
