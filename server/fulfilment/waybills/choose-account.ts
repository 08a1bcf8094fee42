import type { WaybillSource } from '../../carriers/carrier.ts'
import { waybillSources } from '../../carriers/index.ts'
import { insuranceOf, toDoorOf } from '../../carriers/services-contract.ts'
import { packageCouriers } from '../../connectors/couriers.ts'
import type { Refusal } from '../../core/decide.ts'
import { noSubWaybills } from '../numbers.ts'
import { courierNames } from '../shipping/designation.ts'
import type { AccountFacts } from './account-queries.ts'
import {
  type ForParcel,
  mayGoWith,
  mayServeShop,
  missOf,
  ownOrders,
  type RuleMiss,
  type WaybillRule,
} from './account-rules.ts'

/** The platforms whose masked receivers this source can print. */
const platformsOfSource = (source: string): readonly string[] =>
  waybillSources.find(({ id }) => id === source)?.platforms ?? []

/** What this source can print: the receivers of its platforms, and `ownOrders` if it prints those in plain text. */
export function printableBy(source: string): string[] {
  const found = waybillSources.find(({ id }) => id === source)
  return [...(found?.platforms ?? []), ...(found?.platformOrdersOnly ? [] : [ownOrders])]
}

/** The only shop whose orders the account's source finds, by that shop's token; null: it finds those of others too. */
export const onlyShopOf = (
  { source, shopId }: Pick<AccountFacts, 'source' | 'shopId'>,
  sources: readonly WaybillSource[] = waybillSources,
): string | null => (sources.find(({ id }) => id === source)?.platformOrdersOnly ? shopId : null)

/** `rule`: the position of the rule that decided, from 1; 0: none did. `passed`: why the rules before it, or all, did not. */
export type Decision = {
  chosen: AccountFacts | Refusal
  rule: number
  passed: { rule: number; miss: RuleMiss }[]
}

/** `accounts`: those in use. */
export type AccountTable = { accounts: readonly AccountFacts[]; rules: readonly WaybillRule[] }

/** Chooses the account for a parcel: by the first rule that fits, else by `chooseAccount`. */
export function decideAccount({ accounts, rules }: AccountTable, parcel: ForParcel): Decision {
  const passed: Decision['passed'] = []
  for (const [at, rule] of rules.entries()) {
    const account = accounts.find(({ id }) => id === rule.accountId)
    const facts = account && {
      ...{ ...account, enabled: true },
      ...{ platforms: printableBy(account.source), onlyShopId: onlyShopOf(account) },
    }
    const miss = missOf(rule, facts, parcel) ?? (account && !serves(account, parcel) ? 'service' : undefined)
    if (account && miss === undefined) return { chosen: account, rule: at + 1, passed }
    passed.push({ rule: at + 1, miss: miss ?? 'retired' })
  }
  return { chosen: chooseAccount(accounts, parcel), rule: 0, passed }
}

/**
 * Chooses the account for a parcel that no rule takes. A platform's receiver can be printed only by that platform's source. Among its
 * accounts one of the order's own shop comes first, then one of its warehouse, then the oldest. Some sources find the orders of the account's
 * own shop only.
 */
export function chooseAccount(
  accounts: readonly AccountFacts[],
  parcel: ForParcel,
  sources: readonly WaybillSource[] = waybillSources,
): AccountFacts | Refusal {
  const allowed = sources.filter(({ platforms, platformOrdersOnly }) =>
    parcel.platform === '' ? !platformOrdersOnly : platforms.includes(parcel.platform),
  )
  if (allowed.length === 0) return noSource
  const usable = accounts.filter(
    ({ source, shopId, warehouseId }) =>
      allowed.some(({ id }) => id === source) &&
      mayServeShop({ onlyShopId: onlyShopOf({ source, shopId }, sources) }, parcel) &&
      (warehouseId === null || warehouseId === parcel.warehouseId),
  )
  if (usable.length === 0) return parcel.platform !== '' && isForPlain(accounts) ? maskedReceiver : noAccount
  const wanted = usable.filter(
    ({ courier }) => (parcel.courier === '' || courier === parcel.courier) && mayGoWith(parcel, courier),
  )
  const serving = wanted.filter((account) => serves(account, parcel))
  if (wanted.length > 0 && serving.length === 0) return lacks(wanted, parcel)
  const rank = (account: AccountFacts) =>
    (account.shopId === parcel.shopId ? 0 : 2) + (account.warehouseId === null ? 1 : 0)
  return (
    serving.toSorted((one, other) => rank(one) - rank(other) || Number(one.id) - Number(other.id))[0] ??
    (parcel.designated.length > 0 ? otherThanDesignated(parcel.designated) : noCourier)
  )
}

/** True if there are accounts, but only of sources that take receivers in plain text. */
const isForPlain = (accounts: readonly AccountFacts[]) =>
  accounts.length > 0 && accounts.every(({ source }) => platformsOfSource(source).length === 0)

const maskedReceiver: Refusal = {
  code: 'masked_receiver',
  message: {
    zh: '收件人是平台加密的，快递100 取不了号。给店铺加一个平台的电子面单账号',
    en: 'The platform masks the receiver, so 快递100 gives no number. Add a waybill account of the platform',
  },
}
const noSource: Refusal = {
  code: 'no_waybill_source',
  message: {
    zh: '没有接这个平台的电子面单。手工填运单号',
    en: 'The waybill service of this platform is not connected. Type the waybill',
  },
}
const noAccount: Refusal = {
  code: 'no_waybill_account',
  message: {
    zh: '没有可用的电子面单账号。先在店铺的电子面单里加一个',
    en: 'There is no waybill account for it. Add one under waybill accounts',
  },
}
/** True if the account's branch can do what the parcel asks for. */
const serves = (account: AccountFacts, { toDoor, insuredFen, packages }: ForParcel): boolean =>
  (packages === 1 || givesPackages(account)) && servesAll(account, { toDoor, insuredFen })

/** True if the source and the courier of the account give a number to each of several packages. */
const givesPackages = ({ source, courier }: AccountFacts) =>
  packageCouriers.includes(courier) &&
  waybillSources.some(({ id, givesPackages: gives }) => id === source && gives)

const servesAll = (
  { services, insureMostFen }: AccountFacts,
  { toDoor, insuredFen }: Pick<ForParcel, 'toDoor' | 'insuredFen'>,
): boolean =>
  (!toDoor || toDoorOf(services) !== '') &&
  (!insuredFen || (insuranceOf(services) !== '' && insuredFen <= (insureMostFen ?? insuredFen)))

function lacks(accounts: readonly AccountFacts[], { toDoor, packages }: ForParcel): Refusal {
  if (packages > 1 && !accounts.some(givesPackages))
    return sourceWithoutPackages(accounts) ?? noSubWaybills(accounts)
  if (toDoor && accounts.every(({ services }) => toDoorOf(services) === '')) return noDoor
  return noInsurance
}

/**
 * Which parcels an account serves. `prints`: the platforms whose receivers it prints, and `ownOrders`. `onlyShopId`: the only shop; null: all.
 * `insuresFen`: the most; 0: it insures none.
 */
export type Reach = Pick<AccountFacts, 'courier' | 'warehouseId'> & {
  prints: readonly string[]
  onlyShopId: string | null
  toDoor: boolean
  insuresFen: number
  packages: boolean
}

/**
 * Returns what an account serves. A parcel within the reach of one account is refused by none of `decideAccount`: a rule takes no parcel that its
 * account does not serve. So accounts are compared with many parcels at once in SQL (`desk/served.ts`).
 */
export const reachOf = (account: AccountFacts): Reach => ({
  courier: account.courier,
  warehouseId: account.warehouseId,
  prints: printableBy(account.source),
  onlyShopId: onlyShopOf(account),
  toDoor: toDoorOf(account.services) !== '',
  insuresFen: insuranceOf(account.services) === '' ? 0 : (account.insureMostFen ?? Number.MAX_SAFE_INTEGER),
  packages: givesPackages(account),
})

/** The refusal of several packages if no courier of these accounts' one source has sub-waybills, so that another courier would not help. */
function sourceWithoutPackages(accounts: readonly AccountFacts[]): Refusal | undefined {
  const [source, ...others] = waybillSources.filter(({ id }) => accounts.some((one) => one.source === id))
  if (!source || others.length > 0 || source.givesPackages) return undefined
  return {
    code: 'no_sub_waybills',
    message: {
      zh: `${source.name.zh}没有子母件，一单只有一个包裹的号。按包裹拆单`,
      en: `${source.name.en} have no sub-waybills, only one number for a parcel. Split the order`,
    },
  }
}

const noDoor: Refusal = {
  code: 'no_door_service',
  message: {
    zh: '要送货上门，快递的电子面单账号没有开通。换快递，或在订单上去掉上门；刚开通的，运行一次「核对电子面单」',
    en: 'It must come to the door, and no account of its courier does that. Choose another courier, or take it off the order; if it is new there, run the task that counts waybills',
  },
}
const noInsurance: Refusal = {
  code: 'no_insurance',
  message: {
    zh: '要保价，快递的电子面单账号没有开通，或超过保价上限。换快递，或在订单上改保价',
    en: 'It must be insured, and no account of its courier does that, or not for so much. Choose another courier, or change it on the order',
  },
}

function otherThanDesignated(designated: readonly string[]): Refusal {
  const { zh, en } = courierNames(designated)
  return {
    code: 'designated_courier',
    message: {
      zh: `平台指定了${zh}，没有它的电子面单账号能取，或订单选了别的快递。加账号，或人工改快递`,
      en: `The platform designates ${en}; no waybill account gives it, or the order asks for another. Add one, or choose the courier by hand`,
    },
  }
}
const noCourier: Refusal = {
  code: 'no_courier_account',
  message: {
    zh: '订单指定的快递没有电子面单账号。加账号，或改快递',
    en: "The order's courier has no waybill account. Add one, or choose another courier",
  },
}
