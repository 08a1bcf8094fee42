import type { VerbTable } from '../../core/verbs-contract.ts'

export const changeVerbs = {
  changeWaybill: {
    path: '/deliveries/change-waybill',
    permission: 'fulfilment.ship',
    summary: 'Give shipped parcels another waybill, and tell their platforms',
    words: ['改运单', 'Change waybill'],
    done: ['{n} 单已改运单，在告诉平台', '{n} have another waybill; the platform is being told'],
  },
} as const satisfies VerbTable
