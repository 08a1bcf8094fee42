import type { LocalizedText } from '../../lib/localized-text.ts'

/**
 * How a rule chooses among its warehouses. `whole_first`: the first that has all goods, else the first; `whole_only`: the first that has
 * all goods, else the next rule decides; `first`: the first, also without stock.
 */
export const policies = ['whole_first', 'whole_only', 'first'] as const
export type Policy = (typeof policies)[number]
export const policyWords: Record<Policy, LocalizedText> = {
  whole_first: { zh: '整单优先，都不齐发第一个', en: 'Complete first, else the first' },
  whole_only: { zh: '必须整单，都不齐看下一条', en: 'Complete only, else next rule' },
  first: { zh: '总是第一个', en: 'Always the first' },
}

/** Reasons why a rule did not decide, in the sequence in which they are tested. */
export const missWords = {
  off: { zh: '停用', en: 'off' },
  dates: { zh: '不在日期内', en: 'outside its dates' },
  shop: { zh: '别的店铺', en: 'other shops' },
  region: { zh: '地区不符', en: 'other region' },
  words: { zh: '没有关键词', en: 'no such words' },
  not_words: { zh: '有排除的关键词', en: 'has an excluded word' },
  weight_unknown: { zh: '重量未知', en: 'weight not known' },
  weight: { zh: '重量不符', en: 'other weight' },
  amount: { zh: '金额不符', en: 'other amount' },
  cod: { zh: '货到付款不符', en: 'cash on delivery differs' },
  goods: { zh: '商品不符', en: 'other goods' },
  warehouse: { zh: '别的仓库', en: 'other warehouse' },
  retired: { zh: '仓库已停用', en: 'its warehouses are retired' },
  stock: { zh: '没有一个仓货齐', en: 'no warehouse has everything' },
  designated: { zh: '平台指定了别的快递', en: 'the platform designates another courier' },
  reach: { zh: '快递不到', en: 'the courier does not go there' },
} as const satisfies Record<string, LocalizedText>
export type Miss = keyof typeof missWords

/**
 * How the warehouse was chosen. `whole`: it has all goods. `short`: none has all goods, so the first. `first`: the first, without regard to
 * stock. `hand`: by a person. `stays`: sourcing did not include the warehouse. `none`: there is no active warehouse.
 */
export const howWords = {
  whole: { zh: '货齐', en: 'has everything' },
  short: { zh: '都不齐，取第一个', en: 'none has everything: the first' },
  first: { zh: '取第一个', en: 'the first' },
  hand: { zh: '人工选定', en: 'chosen by hand' },
  stays: { zh: '仓库不变', en: 'stays there' },
  none: { zh: '没有可用的仓库', en: 'there is no warehouse in use' },
} as const satisfies Record<string, LocalizedText>
export type How = keyof typeof howWords
