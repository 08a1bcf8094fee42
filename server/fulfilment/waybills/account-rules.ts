import type { LocalizedText } from '../../lib/localized-text.ts'

/** 取号规则: which account gives the waybill number of a delivery. Pure: server, dry run and page use it. */

export type WaybillRule = {
  /** A platform's id, or `ownOrders`; empty: all. */
  platform: string
  /** The courier that the order must ask for; empty: the account's courier, or none. */
  courier: string
  warehouseId: string | null
  accountId: string
  enabled: boolean
}

/** Stands for a platform in a rule: orders that a person made, whose receivers are in plain text. */
export const ownOrders = 'own'

/**
 * `platforms`: those whose masked receivers its source can print, and `ownOrders` if it prints receivers in plain text too. `onlyShopId`: its
 * source finds the orders of this shop only; null: of every shop of these platforms.
 */
export type RuleAccount = {
  id: string
  courier: string
  warehouseId: string | null
  enabled: boolean
  platforms: readonly string[]
  onlyShopId: string | null
}

export type ForParcel = {
  /** The platform that masks the receiver; empty: the order was not made by a platform, and its receiver is in plain text. */
  platform: string
  shopId: string
  /** The courier chosen for the order; empty: any. */
  courier: string
  warehouseId: string | null
  /** The couriers among which the platform lets it go; empty: it is free. */
  designated: readonly string[]
  /** True: it must come to the door. */
  toDoor: boolean
  /** The value for which people want it insured; null or 0: they do not. */
  insuredFen: number | null
  /** 包裹数: of how many packages it consists. */
  packages: number
}

export const mayGoWith = ({ designated }: ForParcel, courier: string): boolean =>
  designated.length === 0 || designated.includes(courier)

/** Reasons why a rule does not decide, in the order in which they are tested. */
export const ruleMisses = [
  'off',
  'retired',
  'platform',
  'warehouse',
  'courier',
  'source',
  'shop',
  'service',
] as const
export type RuleMiss = (typeof ruleMisses)[number]
export const ruleMissWords: Record<RuleMiss, LocalizedText> = {
  off: { zh: '停用', en: 'off' },
  retired: { zh: '账号已停用', en: 'its account is retired' },
  platform: { zh: '别的平台', en: 'other platform' },
  warehouse: { zh: '别的仓库', en: 'other warehouse' },
  courier: { zh: '订单的快递不同', en: 'the order asks for another courier' },
  source: { zh: '账号打不了这个平台的面单', en: 'its account cannot print labels of this platform' },
  shop: {
    zh: '账号是另一家店铺的，这个平台只给本店的订单取号',
    en: 'its account is of another shop, and this platform gives numbers for the orders of the own shop only',
  },
  service: {
    zh: '账号没有要的送货上门、保价或子母件',
    en: 'its account lacks the door, the insurance or the sub-waybills asked for',
  },
}

/** Returns why the rule does not decide for this parcel; undefined: it does. */
export function missOf(
  rule: WaybillRule,
  account: RuleAccount | undefined,
  parcel: ForParcel,
): RuleMiss | undefined {
  if (!rule.enabled) return 'off'
  if (!account?.enabled) return 'retired'
  if (rule.platform !== '' && rule.platform !== (parcel.platform || ownOrders)) return 'platform'
  const warehouseId = rule.warehouseId ?? account.warehouseId
  if (warehouseId !== null && warehouseId !== parcel.warehouseId) return 'warehouse'
  if (!couriersOf(rule, account).includes(parcel.courier) || !mayGoWith(parcel, account.courier))
    return 'courier'
  if (!prints(account, parcel.platform)) return 'source'
  return mayServeShop(account, parcel) ? undefined : 'shop'
}

/** True if the account's source finds the orders of the parcel's shop. */
export const mayServeShop = (
  { onlyShopId }: Pick<RuleAccount, 'onlyShopId'>,
  { shopId }: Pick<ForParcel, 'shopId'>,
): boolean => onlyShopId === null || onlyShopId === shopId

const prints = ({ platforms }: RuleAccount, platform: string) => platforms.includes(platform || ownOrders)

/** The couriers of the orders that the rule takes; empty: an order that asks for none. */
const couriersOf = (rule: WaybillRule, account: RuleAccount) =>
  rule.courier === '' ? ['', account.courier] : [rule.courier]

/** Reasons why a rule can never decide, whatever is to be sent. */
export const ruleFaultWords = {
  no_account: { zh: '没有这个账号', en: 'there is no such account' },
  source: {
    zh: '账号取不了这种单：平台的收件人只有平台自己的电子面单能打，自建单有的平台不给号',
    en: 'the account gives no number for these: receivers of a platform are printed by its own service only, and some services give none for own orders',
  },
  courier: { zh: '账号是另一家快递的', en: 'the account is of another courier' },
  warehouse: { zh: '账号只用于另一个仓库', en: 'the account is for another warehouse only' },
  retired: {
    zh: '账号已停用。换账号，或停用这条',
    en: 'the account is retired. Choose another, or turn the rule off',
  },
  hidden: {
    zh: '轮不到它：第 {above} 条在上面，全收了',
    en: 'rule {above} above takes everything that it could',
  },
} as const satisfies Record<string, LocalizedText>
export type RuleFault = { fault: keyof typeof ruleFaultWords; message: LocalizedText }

/** Returns why this rule can never decide; undefined: it can. Saving refuses such a rule. */
export function faultOf(
  rules: readonly WaybillRule[],
  at: number,
  accounts: ReadonlyMap<string, RuleAccount>,
): RuleFault | undefined {
  const rule = rules[at]
  if (!rule) return undefined
  const account = accounts.get(rule.accountId)
  const fault = ownFault(rule, account)
  if (fault !== undefined) return { fault, message: ruleFaultWords[fault] }
  const above = rules.slice(0, at).findIndex((one) => covers(one, rule, accounts))
  if (!rule.enabled || above < 0) return undefined
  const fill = (text: string) => text.replace('{above}', String(above + 1))
  const { zh, en } = ruleFaultWords.hidden
  return { fault: 'hidden', message: { zh: fill(zh), en: fill(en) } }
}

function ownFault(rule: WaybillRule, account: RuleAccount | undefined) {
  if (!account) return 'no_account'
  if (rule.platform !== '' && !prints(account, rule.platform)) return 'source'
  if (rule.courier !== '' && rule.courier !== account.courier) return 'courier'
  const { warehouseId } = account
  if (rule.warehouseId !== null && warehouseId !== null && rule.warehouseId !== warehouseId)
    return 'warehouse'
  return rule.enabled && !account.enabled ? 'retired' : undefined
}

/** True if `upper` takes every delivery that `lower` could take. */
function covers(upper: WaybillRule, lower: WaybillRule, accounts: ReadonlyMap<string, RuleAccount>): boolean {
  const [over, under] = [accounts.get(upper.accountId), accounts.get(lower.accountId)]
  if (!over || !under || !upper.enabled || ownFault(upper, over) !== undefined) return false
  const warehouseId = upper.warehouseId ?? over.warehouseId
  return (
    includesAll(platformsOf(upper, over), platformsOf(lower, under)) &&
    includesAll(couriersOf(upper, over), couriersOf(lower, under)) &&
    (over.onlyShopId === null || over.onlyShopId === under.onlyShopId) &&
    (warehouseId === null || warehouseId === (lower.warehouseId ?? under.warehouseId))
  )
}

const platformsOf = ({ platform }: WaybillRule, { platforms }: RuleAccount) =>
  platform === '' ? platforms : [platform]

const includesAll = (all: readonly string[], some: readonly string[]) =>
  some.every((one) => all.includes(one))
