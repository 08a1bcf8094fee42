import { pair, type VerbTable } from '../core/verbs-contract.ts'
import { interceptEvents } from './intercepts/intercept-lifecycle.ts'

export const deliveryVerbs = {
  release: {
    path: '/orders/release',
    permission: 'fulfilment.release',
    summary: 'Release orders to the warehouse',
    words: ['通知配货', 'Release'],
    done: ['{n} 单已通知配货', '{n} released to the warehouse'],
    bulk: { name: 'orders.release', words: ['批量通知配货', 'Release orders'] },
  },
  unrelease: {
    path: '/deliveries/unrelease',
    permission: 'fulfilment.release',
    summary: 'Take deliveries back',
    words: ['取消配货', 'Take back'],
    done: ['{n} 单已取消配货', '{n} taken back'],
    bulk: { name: 'deliveries.unrelease', words: ['批量取消配货', 'Take deliveries back'] },
  },
  takeNumbers: {
    path: '/deliveries/take-numbers',
    permission: 'fulfilment.ship',
    summary: 'Take waybill numbers from the accounts',
    words: ['取号', 'Take numbers'],
    done: ['{n} 单在取号', 'Numbers are being taken for {n}'],
    bulk: { name: 'deliveries.take_numbers', words: ['批量取号', 'Take numbers'] },
  },
  giveBackNumbers: {
    path: '/deliveries/give-back-numbers',
    permission: 'fulfilment.ship',
    summary: 'Give waybill numbers back, and send with another courier if one is named',
    words: ['退号', 'Give numbers back'],
    done: ['{n} 单已退号', '{n} numbers are given back'],
    bulk: { name: 'deliveries.give_back_numbers', words: ['批量退号', 'Give numbers back'] },
  },
  waybills: {
    path: '/deliveries/waybills',
    permission: 'fulfilment.ship',
    summary: 'Type courier and waybill',
    words: ['填运单', 'Waybill'],
    done: ['{n} 单已填运单', '{n} waybills typed'],
  },
  wave: {
    path: '/deliveries/make-wave',
    permission: 'fulfilment.ship',
    summary: 'Make waves of these deliveries, without a rule',
    words: ['建波次', 'Make a wave'],
    done: ['{n} 单进了波次', '{n} are in a wave'],
  },
  ship: {
    path: '/deliveries/ship',
    permission: 'fulfilment.ship',
    summary: 'Ship: stock leaves, the platform is told',
    words: ['发货', 'Ship'],
    done: ['{n} 单已发货，回写中', '{n} shipped, being written back'],
    bulk: { name: 'deliveries.ship', words: ['批量发货', 'Ship deliveries'] },
  },
  unship: {
    path: '/deliveries/unship',
    permission: 'fulfilment.unship',
    summary: 'Undo shipping before the platform was told',
    words: ['撤销发货', 'Undo shipping'],
    done: ['{n} 单已撤销发货', '{n} undone'],
    bulk: { name: 'deliveries.unship', words: ['批量撤销发货', 'Undo shipping'] },
  },
  writeBackAgain: {
    path: '/deliveries/write-again',
    permission: 'fulfilment.ship',
    summary: 'Tell the platform again',
    words: ['重新回写', 'Write back again'],
    done: ['{n} 单马上重新回写', '{n} are written back again now'],
    bulk: { name: 'deliveries.write_again', words: ['批量重新回写', 'Write back again'] },
  },
  adoptWaybill: {
    path: '/deliveries/take-waybill',
    permission: 'fulfilment.ship',
    summary: 'Take the waybill that the platform shows for goods that we shipped',
    words: ['采用平台运单', "Take the platform's waybill"],
    done: ['{n} 单采用了平台的运单', "{n} bear the platform's waybill"],
  },
} as const satisfies VerbTable

export const interceptVerbs = {
  pull: {
    path: '/intercepts/pull',
    permission: 'fulfilment.unship',
    summary: 'Pulled out: its shipping is undone',
    words: pair(interceptEvents.pull),
    done: ['{n} 单已拦下，撤销发货', '{n} pulled out, shipping undone'],
    bulk: { name: 'intercepts.pull', words: ['批量拦到', 'Pulled out'] },
  },
  ask: {
    path: '/intercepts/ask',
    permission: 'aftersale.intercept',
    summary: 'The courier was asked',
    words: pair(interceptEvents.ask),
    done: ['{n} 单已记下：请快递拦截', '{n} noted: the courier was asked'],
    bulk: { name: 'intercepts.ask', words: ['批量请快递拦截', 'Couriers asked'] },
  },
  return: {
    path: '/intercepts/return',
    permission: 'aftersale.intercept',
    summary: 'The courier brought it back',
    words: pair(interceptEvents.return),
    done: ['{n} 单已追回，退货单马上建好', '{n} came back; their returns are made now'],
    bulk: { name: 'intercepts.return', words: ['批量追回', 'Brought back'] },
  },
  miss: {
    path: '/intercepts/miss',
    permission: 'aftersale.intercept',
    summary: 'Missed: the platform is told after all',
    words: pair(interceptEvents.miss),
    done: ['{n} 单没拦到，继续回写', '{n} missed; the platform is told'],
    bulk: { name: 'intercepts.miss', words: ['批量没拦到', 'Missed'] },
  },
  money: {
    path: '/intercepts/money',
    permission: 'aftersale.intercept',
    summary: 'Money only: the parcel goes on',
    words: pair(interceptEvents.money),
    done: ['{n} 单只退钱', '{n}: money only'],
    bulk: { name: 'intercepts.money', words: ['批量只退钱', 'Money only'] },
  },
} as const satisfies VerbTable

export const putBackVerbs = {
  done: {
    path: '/put-backs/done',
    permission: 'aftersale.put_back',
    summary: 'Put back',
    words: ['已放回', 'Put back'],
    done: ['{n} 行已放回', '{n} put back'],
    bulk: { name: 'put_backs.done', words: ['批量放回', 'Put back'] },
  },
  unpicked: {
    path: '/put-backs/unpicked',
    permission: 'aftersale.put_back',
    summary: 'Nobody had picked them',
    words: ['没有拣过', 'Never picked'],
    done: ['{n} 行没有拣过', '{n} had never been picked'],
    bulk: { name: 'put_backs.unpicked', words: ['批量没有拣过', 'Never picked'] },
  },
} as const satisfies VerbTable
