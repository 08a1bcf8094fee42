import type { Words } from '../words.ts'

export const extraRefundKinds: Record<string, Words> = {
  compensation: ['补偿', 'Compensation'],
  price_difference: ['补差价', 'Price difference'],
  return_freight: ['退运费', 'Return freight'],
  cashback: ['返现', 'Cashback'],
  deposit: ['退定金', 'Deposit'],
  goods: ['退货款', 'Goods'],
  other: ['其他', 'Other'],
}

export const extraRefundStates: Record<string, Words> = {
  draft: ['待审核', 'Draft'],
  approved: ['已审核', 'Approved'],
  voided: ['已作废', 'Voided'],
}
