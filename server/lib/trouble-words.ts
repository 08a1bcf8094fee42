import type { LocalizedText } from './localized-text.ts'

type Pair = LocalizedText

const known: Readonly<Record<string, Pair>> = {
  not_understood: {
    zh: '平台数据解析失败，原文已封存',
    en: 'what the platform sent could not be read; it is kept',
  },
  unreadable: { zh: '平台数据解析失败', en: 'what the platform sent could not be read' },
  stale_answer: { zh: '平台给的是旧版本', en: 'the platform answered with an older version' },
  trade_not_found: { zh: '平台说没有这笔交易', en: 'the platform knows no such trade' },
  refund_not_found: { zh: '平台说没有这笔退款', en: 'the platform knows no such refund' },
  refund_changed: {
    zh: '退款在平台上变了，看过最新的再处理',
    en: 'the refund has changed on the platform; look at it again',
  },
  cannot_ask: { zh: '现在问不到平台', en: 'the platform cannot be asked now' },
  bad_answer: { zh: '平台的答复不完整', en: "the platform's answer was not whole" },
  broken_off: { zh: '平台答到一半断了', en: 'the platform broke off half-way' },
  timeout: { zh: '超时没有答复', en: 'no answer in time' },
  unreachable: { zh: '连不上平台', en: 'the platform cannot be reached' },
  relay_silent: { zh: '店铺的中继没有来取任务', en: 'the relay of the shop does not ask for work' },
  relay_old: { zh: '中继的版本太旧', en: 'the relay is of an older version' },
  relay_no_answer: { zh: '中继没有答复', en: 'the relay gave no answer' },
  relay_broken_off: { zh: '中继在请求途中停了', en: 'the relay ended during the call' },
  relay_too_late: { zh: '请求到中继时已经过时', en: 'the call reached the relay too late' },
  relay_full: { zh: '中继写不了自己的磁盘', en: 'the relay cannot write to its disk' },
  relay_unknown_app: { zh: '中继没有这个应用的密钥', en: 'the relay has no keys of this app' },
  disconnected: { zh: '平台断开了连接', en: 'the platform ended the connection' },
  no_sign: { zh: '连接没有动静', en: 'the connection gave no sign' },
  signature_refused: {
    zh: '对方不接受签名，核对签名密钥',
    en: 'the other side does not take the signature; check the signing secret',
  },
  login_refused: { zh: '平台不接受登录', en: 'the platform refused the login' },
  no_table: {
    zh: '数据库里没有平台的推送表',
    en: 'the database has no tables that the platform writes',
  },
  database_failed: { zh: '平台的数据库出错', en: "the platform's database failed" },
  not_permitted: { zh: '平台没有开通消息', en: 'the platform did not agree to send messages' },
  transport: { zh: '连不上平台', en: 'the platform cannot be reached' },
  ECONNREFUSED: { zh: '连不上平台', en: 'the platform cannot be reached' },
  ECONNRESET: { zh: '连接中断', en: 'the connection broke' },
  ENOTFOUND: { zh: '找不到平台的地址', en: "the platform's address is not known" },
  EAI_AGAIN: { zh: '找不到平台的地址', en: "the platform's address is not known" },
  UND_ERR_SOCKET: { zh: '连接中断', en: 'the connection broke' },
  down: { zh: '平台停机', en: 'the platform is down' },
  rate_limited: { zh: '平台限流', en: 'the platform limits our rate' },
  reauthorise: { zh: '店铺授权失效', en: "the shop's authorisation ended" },
  unsupported: { zh: '平台没有这个接口', en: 'the platform has no such call' },
  parameter: { zh: '平台不接受这样的内容', en: 'the platform does not take this' },
  quantity: { zh: '数量不对', en: 'the quantity is none' },
  sms_code_needed: { zh: '平台要店主的短信验证码', en: 'the platform wants a code from the shop owner' },
  not_done: { zh: '平台没有做成', en: 'the platform did not do it' },
  nothing_to_send: { zh: '没有收件人，或发货单已取消', en: 'no receiver, or its delivery was cancelled' },
  not_given_back: { zh: '电子面单号退不回去', en: 'the waybill number is not taken back' },
  number_returning: {
    zh: '之前取的单号还在退，退完自动回写',
    en: 'the number that it had before is being given back; it is written back after that',
  },
  refund_spaced: {
    zh: '同一单刚退过一笔，平台要隔一分钟，到时自动退',
    en: 'another refund of the order was paid just now, and the platform asks for a minute between them; it is paid after that',
  },
  number_cancelled: { zh: '这个单号已经退回', en: 'this number was given back' },
  one_parcel: { zh: '一次只能取一个单号', en: 'one number is given at a time' },
  masked_receiver: {
    zh: '收件人是平台加密的，这个面单服务取不了号',
    en: 'the platform masks the receiver, so this service gives no number',
  },
  other_waybill: { zh: '平台上是另一个运单号', en: 'the platform has another waybill' },
  no_service: {
    zh: '网点没有开通要求的送货上门或保价',
    en: 'the branch lacks the delivery to the door or the insurance that is asked for',
  },
  courier_code: { zh: '平台不认识这家快递', en: 'the platform does not know the courier' },
  address_not_allowed: {
    zh: '平台不接受这台服务器的地址，到平台后台把它加进白名单',
    en: 'the platform does not take the address of this server; add it to the list there',
  },
  return_address: {
    zh: '店铺的接入资料里没有退货地址，填好再同意退货',
    en: 'the connection of the shop names no address for returns; enter it, then agree',
  },
  key_refused: {
    zh: '网站不认这个密钥，到网站后台核对',
    en: 'the site does not take this key; check it in the back office of the site',
  },
  key_reads_only: {
    zh: '网站的密钥只能读，到网站后台换成可读可写的',
    en: 'the key of the site may only read; make one that may write too',
  },
  currency_not_cny: {
    zh: '店铺的货币不是人民币，接不了',
    en: 'the shop does not sell in Chinese yuan, so it cannot be connected',
  },
  site_moved: {
    zh: '网站地址跳转到别处，填跳转后的地址',
    en: 'the address leads to another one; enter that one',
  },
  account_refused: {
    zh: '面单服务不认账号的密钥，或余额用完',
    en: 'the waybill service does not take the key of the account, or nothing is left on it',
  },
  account_off: { zh: '账号停用了，或不再订阅', en: 'the account is retired, or subscribes no more' },
  memo_too_long: { zh: '备注太长', en: 'the memo is too long' },
  message_length: { zh: '拒绝说明的长度不对', en: 'the message is too short or too long' },
  proof_too_large: { zh: '凭证图片太大', en: 'the picture is too large' },
  agree_refused: { zh: '平台没有接受同意', en: 'the platform did not take the agreement' },
  goods_not_back: { zh: '买家还没有寄回', en: 'the buyer has not sent the goods back' },
  agree_limit: { zh: '超过平台一次能同意的数', en: 'more than the platform takes at once' },
  shop_expired: { zh: '店铺授权失效', en: "the shop's authorisation ended" },
  never_authorised: { zh: '店铺还没有授权', en: 'the shop was never authorised' },
  banned: { zh: '平台限流', en: 'the platform limits our rate' },
  no_turn: { zh: '限流，还没轮到', en: 'the rate is limited, and its turn had not come' },
  bad: { zh: '平台数据解析失败', en: 'what the platform sent could not be read' },
  payload: { zh: '我们的程序出错', en: 'our own program failed' },
  memo_empty: { zh: '平台的备注不能清空', en: 'the platform cannot empty a note' },
  already: { zh: '平台上已经是这样', en: 'it is so on the platform already' },
  aborted: { zh: '被停下', en: 'it was stopped' },
  shutdown: { zh: '程序关闭时停下，接着会做', en: 'stopped by a shutdown; it goes on' },
  stopped: { zh: '被人停下', en: 'stopped by a person' },
  lost: { zh: '处理它的进程没了', en: 'its process died' },
  internal: { zh: '我们的程序出错', en: 'our own program failed' },
  unavailable: { zh: '数据库暂时忙或连不上', en: 'the database is busy or does not answer' },
  no_credentials: { zh: '店铺还没有接入', en: 'the shop is not connected' },
  credentials_missing: { zh: '店铺还没有填写凭证', en: 'the shop has no credentials yet' },
  shop_disabled: { zh: '店铺已停用', en: 'the shop is disabled' },
  forbidden: { zh: '没有权限', en: 'permission missing' },
}

const byShape: readonly (readonly [RegExp, Pair])[] = [
  [/^http_429$/, { zh: '平台限流', en: 'the platform limits our rate' }],
  [/^http_5/, { zh: '平台的服务器出错', en: "the platform's server failed" }],
  [/^http_/, { zh: '平台没有接受请求', en: 'the platform did not take the call' }],
  [/limit|call-limited|access-count/i, { zh: '平台限流', en: 'the platform limits our rate' }],
  [/timeout|ETIMEDOUT/i, { zh: '超时没有答复', en: 'no answer in time' }],
  [/session|token|auth/i, { zh: '店铺授权有问题', en: "something is wrong with the shop's authorisation" }],
  [/^isp\./, { zh: '平台自己出错', en: "the platform's own failure" }],
  [/^isv\./, { zh: '平台拒绝了请求', en: 'the platform refused the call' }],
  [/^(error|DatabaseError) [0-9A-Z]{5}$/, { zh: '数据库出错', en: 'the database failed' }],
  [/^[A-Z]\w*(Error|Exception)\b/, { zh: '我们的程序出错', en: 'our own program failed' }],
  [/^E[A-Z_]+$|^UND_ERR/, { zh: '连不上平台', en: 'the platform cannot be reached' }],
]

/**
 * Returns the text of an error code. An unknown code is not shown, because codes of our program are for logs. Only the number of a platform
 * is shown, because its support may ask for it.
 */
export function troubleWords(code: string): Pair {
  const words = Object.hasOwn(known, code) ? known[code] : byShape.find(([shape]) => shape.test(code))?.[1]
  if (words) return words
  const number = /^\d{1,12}$/.test(code) ? code : ''
  return number === ''
    ? { zh: '平台出错', en: 'the platform failed' }
    : { zh: `平台返回错误 ${number}`, en: `the platform answered error ${number}` }
}

export const troubleCodes: readonly string[] = Object.keys(known)
