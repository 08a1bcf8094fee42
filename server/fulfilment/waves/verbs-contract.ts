import type { VerbTable } from '../../core/verbs-contract.ts'

export const waveVerbs = {
  claim: {
    path: '/waves/claim',
    permission: 'fulfilment.ship',
    summary: 'Claim waves to pick them, or take them over',
    words: ['领取', 'Claim'],
    done: ['{n} 个波次已领', '{n} claimed'],
  },
  pickRest: {
    path: '/waves/pick-rest',
    permission: 'fulfilment.ship',
    summary: 'All that the waves still need was taken, by the printed list, and picking ends',
    words: ['按单拣齐', 'Picked by the list'],
    done: ['{n} 个波次按拣货单拣齐了', '{n} picked by the list'],
  },
  cut: {
    path: '/waves/cut',
    permission: 'fulfilment.ship',
    summary: 'Cut out the deliveries whose goods are not all picked, and end picking',
    words: ['拆出缺货单', 'Cut out missing goods'],
    done: ['{n} 个波次已拆出缺货单', '{n} cut, picking ended'],
  },
  handOver: {
    path: '/waves/hand-over',
    permission: 'fulfilment.ship',
    summary: 'A picked wave is done: its goods go on to be checked',
    words: ['交验货', 'Hand over'],
    done: ['{n} 个波次完成', '{n} done'],
  },
  cancel: {
    path: '/waves/cancel',
    permission: 'fulfilment.ship',
    summary: 'Cancel waves that are not claimed',
    words: ['撤销波次', 'Cancel'],
    done: ['{n} 个波次已撤销', '{n} cancelled'],
  },
} as const satisfies VerbTable
