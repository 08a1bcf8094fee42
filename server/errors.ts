/**
 * Every refusal a client can meet: code → [HTTP status, 中文, English].
 * Codes are permanent; clients branch on them. `{name}` is filled from the error's parameters.
 */
export const errorTable = {
  invalid_input: [400, '输入有误：{detail}', 'Invalid input: {detail}'],
  invalid_cursor: [400, '翻页位置无效，从第一页重新开始', 'The page cursor is not valid; start from the first page'],
  unknown_filter: [400, '不支持的筛选：{field}', 'Unknown filter: {field}'],
  too_many_ids: [400, '一次最多 {max} 条', 'At most {max} rows at a time'],
  idempotency_mismatch: [422, '同一个幂等键用于不同的请求', 'The same idempotency key came with another request'],
  idempotency_busy: [409, '同一个请求还在处理', 'The same request is still being worked on'],
  not_signed_in: [401, '先登录', 'Sign in first'],
  wrong_credentials: [401, '邮箱或密码不对', 'Wrong email or password'],
  locked_out: [429, '错误次数太多，{minutes} 分钟后再试', 'Too many attempts; try again in {minutes} minutes'],
  forbidden: [403, '没有权限：{permission}', 'Permission missing: {permission}'],
  outside_scope: [403, '没有这家店铺的权限', 'No access to this shop'],
  not_found: [404, '找不到{what}', '{what} not found'],
  conflict: [409, '{what}已被改动，刷新后再试', '{what} was changed by somebody else; reload and try again'],
  duplicate: [409, '{what}已存在', '{what} already exists'],
  setup_closed: [410, '首次设置链接已用过或过期', 'The set-up link was used or has expired'],
  batch_finished: [409, '批量操作已结束', 'The batch has ended'],
  unsupported_by_platform: [409, '{platform}不支持：{reason}', '{platform} does not support this: {reason}'],
  platform_rejected: [502, '平台拒绝：{detail}', 'The platform refused: {detail}'],
  platform_unavailable: [503, '平台暂时不可用：{detail}', 'The platform is not available: {detail}'],
  reauthorise: [409, '店铺授权已失效，先重新授权', 'The shop authorisation has ended; authorise again'],
  payload_too_large: [413, '内容太大', 'Too large'],
  internal: [500, '系统出错，编号 {requestId}', 'Something broke; request {requestId}'],
} as const satisfies Record<string, readonly [number, string, string]>

export type ErrorCode = keyof typeof errorTable

/** A refusal that is shown to the client and not reported. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly params: Record<string, string | number>
  /** The input field that is to blame, as a JSON path. */
  readonly field: string | undefined

  constructor(code: ErrorCode, params: Record<string, string | number> = {}, field?: string) {
    super(fill(errorTable[code][2], params))
    this.name = 'AppError'
    this.code = code
    this.params = params
    this.field = field
  }

  get status(): number {
    return errorTable[this.code][0]
  }

  /** The words for a person, in the language asked for. */
  text(language: 'zh' | 'en'): string {
    return fill(errorTable[this.code][language === 'zh' ? 1 : 2], this.params)
  }
}

function fill(template: string, params: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
}
