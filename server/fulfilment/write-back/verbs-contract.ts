import type { VerbTable } from '../../core/verbs-contract.ts'

export const changeVerbs = {
  changeWaybill: {
    path: '/deliveries/change-waybill',
    permission: 'fulfilment.ship',
    summary: 'Give shipped parcels another waybill, and tell their platforms',
    words: ['改运单', 'Change waybill'],
    done: ['{n} 单已改运单', '{n} {n|has|have} another waybill'],
  },
} as const satisfies VerbTable
