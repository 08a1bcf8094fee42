import type { LocalizedText } from './lib/localized-text.ts'

/**
 * The refusals that a client can get: code → [HTTP status, 中文, English]. Codes never change, because clients branch on them. `{name}` is a
 * parameter of the error.
 */
export const errorTable = {
  invalid_input: [400, '输入有误：{detail}', 'Invalid input: {detail}'],
  invalid_cursor: [
    400,
    '翻页位置无效，从第一页重新开始',
    'The page cursor is not valid; start from the first page',
  ],
  unknown_filter: [400, '不支持的筛选：{field}', 'Unknown filter: {field}'],
  too_many_ids: [400, '一次最多 {max} 条', 'At most {max} rows at a time'],
  idempotency_mismatch: [
    422,
    '同一个幂等键用于不同的请求',
    'The same idempotency key came with another request',
  ],
  too_many_at_once: [429, '同时进行的请求太多，稍等再试', 'Too many requests at once; try again in a moment'],
  idempotency_rights: [
    409,
    '权限已变，换一个幂等键再试',
    'Your rights have changed since; send it under another idempotency key',
  ],
  too_many_reveals: [
    429,
    '一分钟最多查看 {max} 条买家隐私，稍等再看',
    'At most {max} buyers a minute can be seen; wait a moment',
  ],
  masked_receiver: [
    409,
    '收件人由平台加密，不能打普通面单。取电子面单号打印',
    'The platform masks this receiver: a plain label cannot have it. Take a number and print its label',
  ],
  reason_needed: [
    409,
    '今天已查看 {max} 条买家隐私，再看要写原因',
    '{max} buyers were seen today; further ones need a reason',
  ],
  not_confirmed: [
    409,
    'confirm 已过期，或属于另一次调用：请先不带 confirm 试算一遍',
    'confirm has ended or belongs to another call: call without it first',
  ],
  idempotency_busy: [409, '同一个请求还在处理', 'The same request is still being worked on'],
  not_signed_in: [401, '先登录', 'Sign in first'],
  wrong_credentials: [
    401,
    '邮箱或密码不对。再错 {left} 次会锁定 {minutes} 分钟。',
    'Wrong email or password. {left} more and it is locked for {minutes} minutes.',
  ],
  wrong_password: [400, '密码不对', 'Wrong password'],
  wrong_code: [
    401,
    '验证码不对。再错 {left} 次会锁定 {minutes} 分钟。',
    'Wrong code. {left} more and it is locked for {minutes} minutes.',
  ],
  sign_in_expired: [401, '登录已超时，从头再来', 'The sign-in took too long; start again'],
  user_disabled: [403, '账号已停用，找管理员', 'This account is disabled; ask an administrator'],
  locked_out: [
    429,
    '错误次数太多，{minutes} 分钟后再试',
    'Too many attempts; try again in {minutes} minutes',
  ],
  foreign_origin: [403, '请求来自别的网站', 'The request came from another site'],
  forbidden: [403, '没有权限：{permission}', 'Permission missing: {permission}'],
  outside_scope: [403, '没有这家店铺的权限', 'No access to this shop'],
  not_found: [404, '找不到{what}', '{what} not found'],
  conflict: [409, '{what}已被改动，刷新后再试', '{what} was changed by somebody else; reload and try again'],
  locked: [409, '{who} 锁定中，解锁后可用', 'Locked by {who}; available once unlocked'],
  relay_in_use: [
    409,
    '还有店铺经这个中继接入：{shops}',
    'Shops are still called through this relay: {shops}',
  ],
  wave_refused: [409, '{why}', '{why}'],
  count_refused: [409, '{why}', '{why}'],
  bin_choice: [
    409,
    '主库位是 {main}，备库位是 {spare}。选换哪一个',
    'The main bin is {main}, the spare bin {spare}. Choose which one to replace',
  ],
  // Rules for waybill numbers that could never decide: server/fulfilment/waybills/account-rules.ts.
  rule_no_account: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  rule_source: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  rule_courier: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  rule_warehouse: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  rule_retired: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  rule_hidden: [409, '第 {n} 条：{why}', 'Rule {n}: {why}'],
  too_many_picked: [409, '这里只要 {needed} 件', 'Only {needed} pieces are needed here'],
  duplicate: [409, '{what}已存在', '{what} already exists'],
  setup_closed: [410, '首次设置链接已用过或过期', 'The set-up link was used or has expired'],
  link_expired: [
    410,
    '链接已用过或过期，找管理员要新的',
    'The link was used or has expired; ask an administrator for a new one',
  ],
  last_admin: [409, '至少要有一个能登录的管理员', 'At least one administrator must remain'],
  builtin_role: [
    409,
    '管理员角色不能改也不能删',
    'The administrator role can be neither changed nor deleted',
  ],
  role_in_use: [409, '还有 {count} 个用户是这个角色', '{count} users still have this role'],
  beyond_own_rights: [
    403,
    '不能给出或改动自己没有的权限：{permission}',
    'You cannot grant or change what you do not have: {permission}',
  ],
  two_factor_on: [409, '两步验证已开启', 'Two-step verification is on already'],
  two_factor_off: [409, '两步验证没有开启', 'Two-step verification is not on'],
  run_queue_full: [
    409,
    '已有 {max} 次执行在排队，等它们完成',
    '{max} runs are already waiting; let them end first',
  ],
  task_stays: [
    409,
    '店铺自带的任务不能删，正在运行的先停',
    'The task that every shop has stays; one that runs has to be stopped first',
  ],
  run_ended: [409, '这次执行已经结束', 'This run has ended'],
  batch_running: [
    409,
    '批量操作还在进行，结束后再重试',
    'The batch is still running; retry when it has ended',
  ],
  nothing_refused: [409, '没有被拒绝的行', 'No row was refused'],
  batch_finished: [409, '批量操作已结束', 'The batch has ended'],
  unsupported_by_platform: [409, '{platform}不支持：{reason}', '{platform} does not support this: {reason}'],
  no_platform_waybills: [
    409,
    '{platform}的电子面单还没有接上，它的订单在发货单上填运单号',
    'E-waybills of {platform} are not offered yet: type the waybills of its orders at the deliveries',
  ],
  platform_rejected: [502, '平台拒绝：{detail}', 'The platform refused: {detail}'],
  platform_unavailable: [503, '平台暂时不可用：{detail}', 'The platform is not available: {detail}'],
  reauthorise: [409, '店铺授权已失效，先重新授权', 'The shop authorisation has ended; authorise again'],
  refund_not_open: [409, '退款不在待答复状态', 'The refund is not waiting for an answer'],
  being_answered: [409, '已在写回平台，等结果', 'The platform is being told; wait for its answer'],
  goods_first: [
    409,
    '先在平台同意退货，买家寄回后才能同意退款',
    'Agree to the return on the platform first; its money follows the goods',
  ],
  already_agreed: [409, '已同意，等平台的新状态', 'Agreed to already; wait for the new status'],
  pays_nothing: [
    409,
    '换货、补发、维修不退钱，没有要再同意的',
    'An exchange, a resent parcel or a repair pays nothing: there is nothing more to agree to',
  ],
  paid_there: [
    409,
    '货收到后，到平台后台退款',
    "When the goods are back, the money is given back on the platform's own pages",
  ],
  other_platform: [
    409,
    '不是这个平台的退款，原因不通用，另选',
    "It is another platform's refund, whose reasons are its own",
  ],
  proof_needed: [400, '这家店铺拒绝退款要附凭证图片', 'This shop must attach a picture to a refusal'],
  proof_invalid: [400, '凭证不是 JPG、PNG 或 GIF 图片', 'The proof is no JPG, PNG or GIF picture'],
  proof_too_large: [400, '凭证图片最大 {max} KB', 'The picture may have at most {max} KB'],
  amount_differs: [409, '退款金额已变，重新核对', 'The amount has changed; check it again'],
  credentials_missing: [409, '店铺还没有填写凭证', 'The shop has no credentials yet'],
  shop_disabled: [409, '店铺已停用', 'The shop is disabled'],
  wrong_shop: [
    409,
    '授权的是「{other}」，这里连接的是「{shop}」',
    'The authorisation is for {other}, and this is {shop}',
  ],
  authorisation_stale: [
    400,
    '授权链接已过期或被改动，重新发起授权',
    'The authorisation link has expired or was changed; authorise again',
  ],
  sheet_unreadable: [400, '读不了这个文件：{detail}', 'The file cannot be read: {detail}'],
  sheet_too_large: [413, '表格太大：{detail}', 'The sheet is too large: {detail}'],
  unsupported_media: [415, '只接受 {accepted}', 'Only {accepted} is accepted'],
  payload_too_large: [413, '内容太大', 'Too large'],
  unknown_merchant: [404, '这个域名没有商家', 'No merchant has this host name'],
  merchant_closed: [
    503,
    '这个商家暂停服务，数据都在；何时恢复请问服务商',
    'This merchant is suspended, its data is kept; ask your provider when it resumes',
  ],
  unavailable: [
    503,
    '数据库暂时忙或连不上，几秒后再试',
    'The database is busy or does not answer; try again in a few seconds',
  ],
  disk_full: [
    503,
    '服务器的磁盘满了，写不进数据；腾出空间后自动继续，不会丢',
    "The server's disk is full and nothing can be written; it goes on automatically once space is freed, and nothing is lost",
  ],
  too_slow: [
    503,
    '查询用时太长，已取消；缩小筛选范围再试',
    'This took too long and was cancelled; narrow the filter and try again',
  ],
  buyer_open: [
    409,
    '这位买家还有没办完的：{open}。办完后才能抹去',
    'This buyer still has open documents: {open}. End them first',
  ],
  already_erased: [409, '这位买家已经抹去', 'This buyer is erased already'],
  backup_place_missing: [
    409,
    '还没有填备份放在哪个文件夹（完整路径）',
    'No folder for the backups is named yet (its whole path)',
  ],
  backup_refused: [409, '备份没有做：{detail}', 'No backup was made: {detail}'],
  internal: [500, '系统出错，编号 {requestId}', 'Something broke; request {requestId}'],
} as const satisfies Record<string, readonly [number, string, string]>

export type ErrorCode = keyof typeof errorTable

/** The value for a placeholder of an error's message. The value may differ by language. */
export type ErrorParam = string | number | LocalizedText

/** A refusal for the client. It is not logged as an error. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly params: Record<string, ErrorParam>
  readonly field: string | undefined

  constructor(code: ErrorCode, params: Record<string, ErrorParam> = {}, field?: string) {
    super(fill(errorTable[code][2], params, 'en'))
    this.name = 'AppError'
    this.code = code
    this.params = params
    this.field = field
  }

  get status(): number {
    return errorTable[this.code][0]
  }

  text(language: 'zh' | 'en'): string {
    return fill(errorTable[this.code][language === 'zh' ? 1 : 2], this.params, language)
  }
}

function fill(template: string, params: Record<string, ErrorParam>, language: 'zh' | 'en'): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name] ?? whole
    return String(typeof value === 'object' ? value[language] : value)
  })
}
