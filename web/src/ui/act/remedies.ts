import type { LocalizedPair } from '../../words.ts'

/** Rows that were refused for the same reason, with the data for a link to the remedy. */
export type RefusedFor = {
  code: string
  reason: string
  ids: readonly string[]
  nos: readonly string[]
  refs: readonly string[]
}

export type Remedy = { words: LocalizedPair; to: string }

type Rule = (refused: RefusedFor) => Remedy

/** The most ids in an address. */
const most = 100
const list = (values: readonly string[]) => values.slice(0, most).join(',')

const ordersIn =
  (tab: string, words: LocalizedPair): Rule =>
  ({ ids }) => ({ words, to: `/orders?tab=${tab}&ids=${list(ids)}` })
const at = (to: string, words: LocalizedPair): Rule => {
  const remedy = { words, to }
  return () => remedy
}

const toMatch = at('/listings', ['去匹配', 'Match them'])
const toRefunds: Rule = ({ nos }) => ({
  words: ['去处理退款', 'Handle the refunds'],
  to: `/staged-refunds?as=list&tids=${list(nos)}`,
})
const toChanges = ordersIn('differs', ['去处理差异', 'Settle the changes'])

/** Links to the places where a hold is lifted, by hold reason. */
const holds: Record<string, Rule> = {
  unmatched: toMatch,
  refund_open: at('/staged-refunds', ['去处理退款', 'Handle the refunds']),
  address_changed: toChanges,
  courier_changed: toChanges,
  line_left: toChanges,
  platform_closed: toChanges,
  shipped_elsewhere: toChanges,
}
const toHeld = ordersIn('held', ['去解除挂起', 'Release them'])

/** Remedies by list and code, because a code has different meanings in different lists. */
const rules: Record<string, Record<string, Rule>> = {
  orders: {
    on_hold: (refused) => (holds[refused.reason] ?? toHeld)(refused),
    refund_open: at('/staged-refunds', ['去处理退款', 'Handle the refunds']),
    address_changed: toChanges,
    courier_changed: toChanges,
    short: ordersIn('short', ['看缺货的', 'View what is short']),
    problem: ordersIn('problem', ['去处理问题', 'Solve the problems']),
    locked: ordersIn('all', ['看锁定的', 'View what is locked']),
    presale: ordersIn('presale', ['改计划发货日', 'Change the ship date']),
  },
  trades: {
    refund_open: toRefunds,
    before_go_live: at('/shops', ['改上线时间', 'Change the go-live time']),
    duplicate: ({ refs }) => ({
      words: ['看同号的单', 'View those orders'],
      to: refs.length === 1 ? `/orders?q=${refs[0]}` : '/staged-trades?tab=blocked&reason=duplicate',
    }),
    shipped_elsewhere: at('/staged-trades?tab=blocked&reason=shipped_elsewhere', [
      '转为记录',
      'Convert as records',
    ]),
    already_converted: at('/trade-history', ['看历史订单', 'View the history']),
  },
  deliveries: {
    no_waybill: at('/deliveries?do=import', ['去批量填运单', 'Enter waybills in bulk']),
    on_hold: ({ ids }) => ({ words: ['看被拦的', 'View them'], to: `/deliveries?tab=all&ids=${list(ids)}` }),
    refund_open: at('/staged-refunds', ['去处理退款', 'Handle the refunds']),
  },
  refunds: {
    no_original: at('/staged-refunds?tab=no_original&as=list', ['看没有原单的', 'View them']),
    original_fetching: at('/staged-trades?tab=fetching', ['看在取的明细', 'View what is being fetched']),
  },
  stock_uploads: {
    upload_off: at('/stock-uploads', ['打开店铺的同步', 'Switch the shop on']),
    not_matched: toMatch,
  },
}

/** '/staged-trades/convert' and 'trades.convert' → 'trades'. */
export const listOf = (verb: string): string =>
  verb
    .replace(/^\/(staged-)?/, '')
    .replace(/[/.].*$/, '')
    .replaceAll('-', '_')

export function remedyFor(list: string, refused: RefusedFor): Remedy | undefined {
  return rules[list]?.[refused.code]?.(refused)
}

/** Codes whose cause may pass, so that another attempt can succeed. */
const passing = new Set(['failed', 'stopped', 'detail_failed', 'write_back_failed', 'version_changed'])

export const mayPass = (code: string): boolean => passing.has(code)
