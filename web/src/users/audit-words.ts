import { listingVerbs, skuVerbs } from '../../../server/catalog/verbs-contract.ts'
import type { VerbTable } from '../../../server/core/verbs-contract.ts'
import { billVerbs, settlementVerbs } from '../../../server/finance/verbs-contract.ts'
import { refundVerbs, tradeVerbs } from '../../../server/intake/verbs-contract.ts'
import { documentVerbs } from '../../../server/inventory/verbs-contract.ts'
import type { LocalizedText } from '../../../server/lib/localized-text.ts'
import { settleVerbs } from '../../../server/orders/settle/verbs-contract.ts'
import { orderVerbs } from '../../../server/orders/verbs-contract.ts'
import { stockSyncVerbs } from '../../../server/stock-sync/verbs-contract.ts'
import { troubleText } from '../ui/base/code-words.ts'
import { fullTime } from '../ui/base/time.ts'
import { fieldsOf } from '../ui/form/schema.ts'
import type { LocalizedPair, Say } from '../words.ts'
import type { AuditRow } from './types.ts'

const ofVerbs = (
  [
    tradeVerbs,
    refundVerbs,
    orderVerbs,
    listingVerbs,
    skuVerbs,
    documentVerbs,
    stockSyncVerbs,
    billVerbs,
    settlementVerbs,
    settleVerbs,
  ] as readonly VerbTable[]
).flatMap((table) => Object.values(table).flatMap(({ audit = {} }) => Object.entries(audit)))

export const actionWords: Record<string, LocalizedPair> = {
  setup: ['首次设置', 'First set-up'],
  'sign_in.success': ['登录', 'Signed in'],
  'sign_in.fail': ['登录失败', 'Sign-in failed'],
  sign_out: ['退出登录', 'Signed out'],
  'session.end': ['结束登录', 'Sessions ended'],
  'two_factor.on': ['打开两步验证', 'Two-step sign-in on'],
  'two_factor.off': ['关闭两步验证', 'Two-step sign-in off'],
  'two_factor.remove': ['替人关闭两步验证', 'Two-step sign-in removed for somebody'],
  'user.create': ['新增用户', 'User added'],
  'user.change': ['修改用户', 'User changed'],
  'user.rename': ['改名', 'Renamed'],
  'user.password': ['改密码', 'Password changed'],
  'user.password_link': ['发改密码链接', 'Password link made'],
  'role.create': ['新增角色', 'Role added'],
  'role.change': ['修改角色', 'Role changed'],
  'role.delete': ['删除角色', 'Role deleted'],
  'api_key.create': ['新增接口密钥', 'API key made'],
  'api_key.revoke': ['作废接口密钥', 'API key revoked'],
  'relay.create': ['新增中继', 'Relay added'],
  'relay.key': ['更换中继的密钥', 'Key of a relay renewed'],
  'relay.remove': ['删除中继', 'Relay removed'],
  'shop.create': ['接入店铺', 'Shop connected'],
  'shop.update': ['修改店铺', 'Shop changed'],
  'shop.credentials': ['保存店铺密钥', 'Shop keys stored'],
  'shop.authorise_begin': ['开始授权', 'Authorisation begun'],
  'shop.authorise': ['店铺授权', 'Shop authorised'],
  'shop.verify': ['验证店铺', 'Shop verified'],
  'shop.import_trades': ['导入交易表格', 'Sheet of trades imported'],
  'shop.hand_out': ['下载发货表', 'Sheet of parcels taken out'],
  'shop.expire': ['店铺授权失效', 'Authorisation ended'],
  'trade.reveal': ['看了交易的买家隐私', "Buyer's data seen on a trade"],
  'parked.reveal': ['看了异常数据的原文', 'Unreadable data seen'],
  'delivery.reveal': ['看了发货单的收件人', 'Receiver seen for a plain label'],
  'order.reveal': ['看了订单的买家隐私', "Buyer's data seen on an order"],
  'waybill_account.custom_area': ['设置面单自定义区', 'Custom area of labels set'],
  'paper_template.save': ['保存打印模板', 'Print template saved'],
  'paper_template.remove': ['删除打印模板', 'Print template removed'],
  'sku.create': ['新增 SKU', 'SKU added'],
  'sku.change': ['修改 SKU', 'SKU changed'],
  'product.create': ['新增商品', 'Product added'],
  'product.change': ['修改商品', 'Product changed'],
  'upload_shop.save': ['设置店铺库存同步', 'Stock upload of a shop set'],
  'confirm_rules.save': ['保存自动确认规则', 'Confirm rules saved'],
  'choice_rules.save': ['保存分仓选快递规则', 'Choice rules saved'],
  'bill.import': ['导入平台账单', 'Bill imported'],
  'gift_rules.save': ['保存赠品规则', 'Gift rules saved'],
  'list.export': ['导出', 'Export begun'],
  'list.export_end': ['导出结束', 'Export ended'],
  'wave_rules.change': ['修改建波规则', 'Rules for waves changed'],
  'waybill.label_shown': ['预览面单', 'Label looked at'],
  'waybill.plain_labels': ['打印了带地址的面单', 'Labels with addresses handed out'],
  'waybill_rules.save': ['保存取号规则', 'Rules for numbers saved'],
  'privacy.find': ['查找买家个人信息', "Buyer's data looked for"],
  'privacy.export': ['导出买家个人信息', "Buyer's data exported"],
  'privacy.erase': ['抹去买家个人信息', "Buyer's data erased"],
  'webhook.create': ['新增事件推送', 'Webhook added'],
  'webhook.change': ['修改事件推送', 'Webhook changed'],
  'webhook.pause': ['暂停事件推送', 'Webhook paused'],
  'webhook.resume': ['恢复事件推送', 'Webhook resumed'],
  'webhook.rotate': ['换事件推送密钥', 'Webhook secret changed'],
  'webhook.test': ['测试事件推送', 'Webhook tested'],
  'webhook.remove': ['删除事件推送', 'Webhook removed'],
  'alarm_channel.create': ['新增告警通知', 'Alarm channel added'],
  'alarm_channel.change': ['修改告警通知', 'Alarm channel changed'],
  'alarm_channel.remove': ['删除告警通知', 'Alarm channel removed'],
  'alarm_channel.test': ['测试告警通知', 'Alarm channel tested'],
  'report.subscribe': ['订阅报表', 'Report subscribed to'],
  'waybill_account.track': ['设置物流跟踪', 'Tracking of parcels set'],
  'waybill_account.save': ['保存电子面单账号', 'Waybill account saved'],
  'warehouse.create': ['新增仓库', 'Warehouse added'],
  'warehouse.change': ['修改仓库', 'Warehouse changed'],
  'action.retry': ['再试回写', 'Write-back tried again'],
  'action.force': ['强制回写成功', 'Write-back forced'],
  'action.manual': ['记为手工完成', 'Write-back noted as done by hand'],
  'task.change': ['修改计划任务', 'Task changed'],
  'task.add': ['新增计划任务', 'Task added'],
  'task.run': ['换参数运行计划任务', 'Task run with other parameters'],
  'task.drop': ['删除计划任务', 'Task removed'],
  'task_run.stop': ['停止运行', 'Run stopped'],
  ...Object.fromEntries(ofVerbs),
}

export const actorKindWords: Record<string, LocalizedPair> = {
  user: ['用户', 'User'],
  api_key: ['接口密钥', 'API key'],
  task: ['计划任务', 'Task'],
  system: ['系统', 'System'],
}

export const subjectWords: Record<string, LocalizedPair> = {
  user: ['用户', 'User'],
  role: ['角色', 'Role'],
  session: ['登录', 'Session'],
  api_key: ['接口密钥', 'API key'],
  shop: ['店铺', 'Shop'],
  task: ['计划任务', 'Task'],
  task_run: ['任务运行', 'Run of a task'],
  staged_trade: ['交易', 'Trade'],
  sales_order: ['销售订单', 'Sales order'],
  order: ['销售订单', 'Sales order'],
  parked_item: ['异常数据', 'Unreadable data'],
  listing: ['平台商品', 'Listing'],
  sku: ['SKU', 'SKU'],
  product: ['商品', 'Product'],
  warehouse: ['仓库', 'Warehouse'],
  waybill_account: ['电子面单账号', 'Waybill account'],
  alarm_channel: ['告警通知', 'Alarm channel'],
  report_subscription: ['报表订阅', 'Report subscription'],
  report_threshold: ['报表界限', 'Report threshold'],
  erasure: ['抹去个人信息', 'Erasure'],
  webhook: ['事件推送', 'Webhook'],
  webhook_message: ['推送记录', 'Webhook message'],
  waybill_rules: ['取号规则', 'Rules for numbers'],
  waybill: ['运单号', 'Waybill number'],
  intercept: ['拦截', 'Intercept'],
  parcel_subscription: ['物流订阅', 'Subscription to a parcel'],
  stock_document: ['库存单据', 'Stock document'],
  platform_action: ['平台回写', 'Write-back'],
  choice_rules: ['分仓选快递', 'Warehouse and courier'],
  gift_rules: ['赠品规则', 'Gift rules'],
  bill_trade: ['对账', 'Reconciliation'],
  settlement: ['结算单', 'Settlement'],
  list: ['列表', 'List'],
}

const nameWords: Record<string, LocalizedPair> = {
  name: ['名称', 'Name'],
  platform: ['平台', 'Platform'],
  variant: ['平台', 'Platform'],
  fields: ['字段', 'Fields'],
  parts: ['套餐组成', 'Bundle'],
  error: ['原因', 'Reason'],
  reason: ['原因', 'Reason'],
  expiresAt: ['到期', 'Ends'],
  platformShopId: ['平台店铺号', "Platform's shop id"],
  authorisationEnded: ['授权随之结束', 'Authorisation ended with it'],
  goLiveAt: ['上线时间', 'Go-live time'],
  enabled: ['启用', 'On'],
  percent: ['比例 %', 'Percent'],
  safety: ['安全库存', 'Held back'],
  settings: ['设置', 'Settings'],
  timeZone: ['时区', 'Time zone'],
  convertUnpaid: ['未付款也可转', 'Convert unpaid'],
  reportCancels: ['上报取消发货', 'Cancels reported'],
  shipUnasked: ['高峰模式', 'Peak mode'],
  push: ['消息推送', 'Push'],
  requestsPerSecond: ['每秒请求数', 'Requests per second'],
  concurrentRequests: ['同时请求数', 'Requests at once'],
  roleIds: ['角色', 'Roles'],
  shops: ['店铺', 'Shops'],
  permissions: ['权限', 'Permissions'],
  disabled: ['停用', 'Disabled'],
  ended: ['结束登录', 'Sessions ended'],
  byLink: ['用链接改', 'By link'],
  filters: ['筛选', 'Filters'],
  language: ['语言', 'Language'],
  rows: ['行数', 'Rows'],
  added: ['新增', 'Added'],
  known: ['已有', 'Known'],
  tid: ['交易', 'Trade'],
  no: ['单号', 'No.'],
  approvedBy: ['审批人', 'Approved by'],
  voidedBy: ['作废人', 'Voided by'],
  cut: ['截断', 'Cut off'],
  outcome: ['结果', 'Outcome'],
  code: ['编码', 'Code'],
  productCode: ['货号', 'Product code'],
  spec: ['规格', 'Spec'],
  category: ['分类', 'Category'],
  brand: ['品牌', 'Brand'],
  barcodes: ['条码', 'Barcodes'],
  weightG: ['重量', 'Weight'],
  priceFen: ['售价', 'Price'],
  referenceFen: ['最低价', 'Lowest price'],
  scanOnce: ['整单一扫', 'One scan counts all'],
  needsSerial: ['扫串号', 'Serial numbers'],
  printsLast: ['后置打印', 'Print last'],
  pictureUrl: ['图片', 'Picture'],
  province: ['省', 'Province'],
  city: ['市', 'City'],
  kind: ['类型', 'Type'],
  priority: ['优先级', 'Priority'],
  rules: ['规则', 'Rules'],
  sessionKey: ['会话密钥', 'Session key'],
  source: ['面单来源', 'Source of labels'],
  courier: ['快递', 'Courier'],
  branchCode: ['网点编码', 'Branch code'],
  branchName: ['网点', 'Branch'],
  templateName: ['面单', 'Label'],
  templateUrl: ['面单地址', 'Address of the label'],
  warehouseId: ['仓库 ID', 'Warehouse id'],
  insureFromFen: ['保价从', 'Insured from'],
  insureMostFen: ['最多保价', 'Insured at most'],
}

const valueWords: Record<string, LocalizedPair> = {
  cainiao: ['菜鸟', 'Cainiao'],
  all: ['全部', 'All'],
  zh: ['中文', 'Chinese'],
  en: ['英文', 'English'],
  whole: ['完整', 'Whole'],
  conversion: ['转单时', 'conversion'],
  confirmation: ['确认时', 'confirmation'],
  aborted: ['中断', 'Interrupted'],
  failed: ['失败', 'Failed'],
  wrong_credentials: ['邮箱或密码不对', 'Wrong e-mail or password'],
  wrong_code: ['验证码不对', 'Wrong code'],
  user_disabled: ['用户已停用', 'User is disabled'],
  locked_out: ['试得太多，暂时锁住', 'Too many tries, locked'],
}

type Named = Readonly<Record<string, LocalizedPair>>
type Platform = {
  id: string
  name: LocalizedText
  variants: readonly ({ id: string } & LocalizedText)[]
  credentials: unknown
}

/** What the connectors call themselves, and the fields of their forms. */
export function wordsOfPlatforms(connectors: readonly Platform[]): Named {
  const named = connectors.flatMap(({ id, name, variants, credentials }) => [
    [id, [name.zh, name.en]] as const,
    ...variants.map((variant) => [variant.id, [variant.zh, variant.en]] as const),
    ...fieldsOf(credentials).map((field) => [field.name, [field.zh, field.en]] as const),
  ])
  return Object.fromEntries(named)
}

/** Returns the details of an audit entry as one text of names and values. `platforms`: of `wordsOfPlatforms`. */
export function auditDetail(detail: AuditRow['detail'], say: Say, platforms: Named = {}): string {
  return auditParts(detail, say, platforms).join(say(['；', '; ']))
}

export function auditParts(detail: object, say: Say, platforms: Named = {}): string[] {
  return Object.entries(detail).flatMap(([name, value]: [string, unknown]) => {
    if (value === null || value === undefined || value === '') return []
    if (name === 'fields' && Array.isArray(value) && value.length === 0) return []
    if (typeof value === 'object' && !Array.isArray(value)) return auditParts(value, say, platforms)
    const text = name === 'error' ? troubleText(String(value), say) : valueText(value, say, platforms)
    return [`${wordOf({ ...platforms, ...nameWords }, name, say)} ${text}`]
  })
}

function valueText(value: unknown, say: Say, platforms: Named): string {
  if (typeof value === 'boolean') return say(value ? ['是', 'yes'] : ['否', 'no'])
  if (Array.isArray(value)) {
    if (value.length > 6) return say(['{n} 项', '{n} in all'], { n: value.length })
    if (value.length === 0) return say(['无', 'none'])
    const names = { ...platforms, ...nameWords }
    return value.map((each) => wordOf(names, String(each), say)).join(say(['、', ', ']))
  }
  const text = String(value)
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return fullTime(text)
  return wordOf({ ...platforms, ...valueWords }, text, say)
}

function wordOf(words: Named, name: string, say: Say): string {
  return words[name] ? say(words[name]) : /^[a-z]+([A-Z]\w*)*$|_/.test(name) ? say(['其他', 'Other']) : name
}
