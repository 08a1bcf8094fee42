import type { LocalizedText } from '../../lib/localized-text.ts'

/** The time of an order that a rule's dates are compared with. */
export const giftTimes = ['paid', 'ordered'] as const
export const giftTimeWords: Record<(typeof giftTimes)[number], LocalizedText> = {
  paid: { zh: '按付款时间', en: 'When it was paid' },
  ordered: { zh: '按下单时间', en: 'When it was ordered' },
}

export const giftMatches = ['any', 'all'] as const
export const giftMatchWords: Record<(typeof giftMatches)[number], LocalizedText> = {
  any: { zh: '有其中一个就行', en: 'One of them' },
  all: { zh: '全都要有', en: 'All of them' },
}

export const giftBases = ['order', 'goods'] as const
export const giftBaseWords: Record<(typeof giftBases)[number], LocalizedText> = {
  order: { zh: '整单', en: 'The whole order' },
  goods: { zh: '只算上面的商品', en: 'Only those goods' },
}

export const giftOuts = ['skip', 'wait', 'instead'] as const
export const giftOutWords: Record<(typeof giftOuts)[number], LocalizedText> = {
  skip: { zh: '不送', en: 'Leave it out' },
  wait: { zh: '等货', en: 'Wait for it' },
  instead: { zh: '送替代品，也没有就不送', en: 'Its substitute, if that is there' },
}

/** Reasons why a rule gives nothing. Those of the rule are in the sequence in which they are tested; the last three concern single gifts. */
export const giftMisses = {
  off: { zh: '停用', en: 'off' },
  shop: { zh: '别的店铺', en: 'other shops' },
  again: { zh: '补发、换货的不再送', en: 'sent once more' },
  unpaid: { zh: '未付款', en: 'not paid' },
  dates: { zh: '不在日期内', en: 'outside its dates' },
  goods: { zh: '没有要求的商品', en: 'other goods' },
  amount: { zh: '金额不符', en: 'other amount' },
  quantity: { zh: '件数不符', en: 'other quantity' },
  times: { zh: '不满一份', en: 'less than one share' },
  excluded: { zh: '和别的规则互斥', en: 'excluded by another rule' },
  places: { zh: '前几名已满', en: 'all places are taken' },
  buyer: { zh: '这位买家已送过', en: 'the buyer has had it' },
  by_hand: { zh: '人工去掉过', en: 'taken off by hand' },
  no_sku: { zh: '没有这个赠品编码', en: 'no such SKU' },
  out: { zh: '赠品缺货', en: 'the gift is out of stock' },
} as const satisfies Record<string, LocalizedText>
export type GiftMiss = keyof typeof giftMisses
