-- The requests of one turn, and a look at each answer; see wrk.ts, which writes the files of the arguments.
--
-- A number of ten digits makes each request another one. It replaces the mark in the body, and in the answer that is expected, so that
-- each answer has to be that one, byte for byte, with a number that was sent.
local ffi = require("ffi")
ffi.cdef([[
  typedef struct { long seconds; long nanoseconds; } bench_time;
  int clock_gettime(int clock, bench_time *time);
]])

local now_buffer = ffi.new("bench_time")
local function now()
  ffi.C.clock_gettime(1, now_buffer)
  return tonumber(now_buffer.seconds) + tonumber(now_buffer.nanoseconds) / 1e9
end

local request_parts, answer_parts, first_place, next_number, first_number, seconds
local is_verified, started, stopped, ended
local sent, received, failures, failure = 0, 0, 0, nil
-- A large answer is compared once in so many times; its length is looked at always.
local compared_bytes, every = 65536, 16

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function split(text, mark)
  local parts, from = {}, 1
  while true do
    local start, finish = text:find(mark, from, true)
    parts[#parts + 1] = text:sub(from, (start or 0) - 1)
    if not start then return parts end
    from = finish + 1
  end
end

function init(arguments)
  local request_path, answer_path, mark, first, duration = unpack(arguments)
  request_parts = split(read(request_path), mark)
  answer_parts = split(read(answer_path), mark)
  first_place = #answer_parts > 1 and #answer_parts[1] + 1 or nil
  answer_bytes = #table.concat(answer_parts, mark)
  first_number, next_number, seconds = tonumber(first), tonumber(first), tonumber(duration)
end

function request()
  local text = table.concat(request_parts, string.format("%d", next_number))
  -- The first one is not sent: wrk looks whether it is well-formed.
  if not is_verified then
    is_verified = true
    return text
  end
  local time = now()
  started = started or time
  -- Nothing more is sent, so that what is in flight is answered, and counts.
  if time >= started + seconds then
    stopped = true
    return ""
  end
  next_number = next_number + 1
  sent = sent + 1
  return text
end

local function is_right(body)
  if #body ~= answer_bytes then return false end
  if answer_bytes > compared_bytes and received % every ~= 1 then return true end
  if not first_place then return body == answer_parts[1] end
  local number = body:sub(first_place, first_place + 9)
  local value = tonumber(number)
  if not value or value < first_number or value >= next_number then return false end
  return body == table.concat(answer_parts, number)
end

local function report()
  local text = (failure or ""):gsub('[%c"\\\128-\255]', " ")
  local form = 'turn {"requests":%d,"seconds":%.6f,"failures":%d,"failure":"%s"}\n'
  io.write(form:format(received, ended - started, failures, text))
  io.flush()
end

function response(status, headers, body)
  received = received + 1
  if status ~= 200 or not is_right(body) then
    failures = failures + 1
    failure = failure or (status .. ": " .. body:sub(1, 1000))
  end
  ended = now()
  -- The last one may be answered before its connection is told that there is no more to send.
  if received == sent and ended >= started + seconds then report() end
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  local form = 'latency {"p50Ms":%.4f,"p99Ms":%.4f,"lost":%d}\n'
  io.write(form:format(latency:percentile(50) / 1000, latency:percentile(99) / 1000, lost))
end
