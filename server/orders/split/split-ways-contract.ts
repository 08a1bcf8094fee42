/** Labels of the ways to split an order. Which goods leave the order is decided in split-plans.ts. */
export const splitWays = {
  stock: { zh: '有货先发：缺的拆出去等', en: 'By stock: what is short waits on its own' },
  warehouse: { zh: '按仓库：缺的从有货的仓发', en: 'By warehouse: what is short leaves where it is' },
  quantity: { zh: '按件数上限', en: 'By pieces' },
  weight: { zh: '按重量上限', en: 'By weight' },
  category: { zh: '按类目', en: 'By category' },
  days: { zh: '按平台给各行的预计发货日', en: 'By the days that the platform names' },
  presale: { zh: '按预售日期', en: 'By presale date' },
} as const
