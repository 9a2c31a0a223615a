-- D7 for the benchmark in nginx: the same answers as upstream.ts. See nginx.ts, which writes the files of the tails.
local token = "Bearer sandbox-token"
local delay_seconds = @DELAY_SECONDS@
local folder = "@FOLDER@/"
local missing = '@MISSING@'
local tails = {}

local function read_tail(kind)
  local file = io.open(folder .. kind, "rb")
  local tail = file and file:read("*a") or false
  if file then file:close() end
  tails[kind] = tail
  return tail
end

local function send(status, length, body)
  ngx.status = status
  ngx.header["Content-Length"] = length
  ngx.print(body)
end

return function()
  if delay_seconds > 0 then ngx.sleep(delay_seconds) end
  if ngx.var.http_authorization ~= token then return send(401, 2, "{}") end
  local id = ngx.var.request_id_of_path
  local kind = id:match("^recipients%-%d+") or id:match("^sent%-%d+")
  local tail = kind and tails[kind]
  if tail == nil and kind then tail = read_tail(kind) end
  if not tail then return send(404, #missing, missing) end
  send(200, 15 + #id + #tail, { '{"request_id":"', id, tail })
end
