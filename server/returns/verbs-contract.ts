import { pair, type VerbTable } from '../core/verbs-contract.ts'
import { returnEvents } from './lifecycle.ts'

export const returnVerbs = {
  confirm: {
    path: '/returns/confirm',
    permission: 'returns.write',
    summary: 'Confirm returns',
    words: pair(returnEvents.confirm),
    done: ['已确认 {n} 张', '{n} confirmed'],
    bulk: { name: 'returns.confirm', words: ['批量确认退货单', 'Confirm returns'] },
  },
  unconfirm: {
    path: '/returns/unconfirm',
    permission: 'returns.write',
    summary: 'Unconfirm returns',
    words: pair(returnEvents.unconfirm),
    done: ['已反确认 {n} 张', '{n} unconfirmed'],
  },
  edit: {
    path: '/returns/edit',
    permission: 'returns.write',
    summary: 'Change parcel and place',
    words: ['修改', 'Change'],
    done: ['已修改 {n} 张', '{n} changed'],
  },
  receive: {
    path: '/returns/receive',
    permission: 'returns.receive',
    summary: 'Receive returns whole',
    words: ['快速入库', 'Receive whole'],
    done: ['已入库 {n} 张', '{n} received'],
    bulk: { name: 'returns.receive', words: ['批量快速入库', 'Receive returns whole'] },
  },
  settle: {
    path: '/returns/settle',
    permission: 'returns.settle',
    summary: 'Settle returns',
    words: pair(returnEvents.settle),
    done: ['已结算 {n} 张', '{n} settled'],
    bulk: { name: 'returns.settle', words: ['批量结算退货单', 'Settle returns'] },
  },
  exchange: {
    path: '/returns/exchange',
    permission: 'returns.write',
    summary: 'Make the orders that go out instead',
    words: ['生成换货单', 'Make exchange order'],
    done: ['已生成 {n} 张换货单', '{n} exchange orders made'],
  },
  writeBackAgain: {
    path: '/returns/tell-again',
    permission: 'returns.receive',
    summary: 'Tell the platform again',
    words: ['重新回写', 'Tell again'],
    done: ['{n} 张马上重新回写', '{n} are told again now'],
    bulk: { name: 'returns.tell_again', words: ['批量重新回写收货', 'Tell the platform again'] },
  },
  void: {
    path: '/returns/void',
    permission: 'returns.write',
    summary: 'Void returns',
    words: pair(returnEvents.void),
    done: ['已作废 {n} 张', '{n} voided'],
    bulk: { name: 'returns.void', words: ['批量作废退货单', 'Void returns'] },
  },
} as const satisfies VerbTable

export const receivingVerbs = {
  receipts: {
    path: '/returns/receipts',
    permission: 'returns.receive',
    summary: 'Receive what was counted',
    words: ['收货', 'Receive'],
    done: ['{no} 已收货，{n} 件入库', '{no} received, {n} pcs in stock'],
  },
  resolveDiscrepancy: {
    path: '/returns/problems',
    permission: 'returns.receive',
    summary: 'Say how problems were settled',
    words: ['了结', 'Settle'],
    done: ['已了结', 'Settled'],
  },
  stockParcel: {
    path: '/unclaimed-parcels/stock',
    permission: 'returns.receive',
    summary: 'Put their goods into stock',
    words: ['入库', 'Put into stock'],
    done: ['已入库 {n} 件无主件', '{n} put into stock'],
  },
} as const satisfies VerbTable
