import type { Call } from '../connector.ts'
import { anyRejection, ifThere } from '../documents.ts'
import { idAt, isFields, isTrueAt, listAt, rawOf } from '../fields.ts'
import { needed } from '../gateway.ts'
import { askXiaohongshu } from './client.ts'

/**
 * order.getOrderReceiverInfo: the ciphertexts of name, telephone number and street, while an order waits to be shipped. Returns them as JSON; empty:
 * the platform gives none, and the order is kept without them. `moved`: the receiver is no longer the one of `openAddressId`.
 */
export async function sealedReceiver(
  call: Call,
  orderId: string,
  openAddressId: string,
): Promise<string | 'moved'> {
  if (openAddressId === '') return ''
  const answer = await ifThere(anyRejection, () =>
    askXiaohongshu(call, 'order.getOrderReceiverInfo', {
      receiverQueries: [{ orderId, openAddressId }],
      isReturn: false,
    }),
  )
  if (!answer) return ''
  const rows = listAt(answer.data, 'receiverInfos', '').filter(isFields)
  const own = needed(
    rows.find((row) => idAt(row, 'orderId') === orderId),
    'receiver',
  )
  return isTrueAt(own, 'matched') ? rawOf(own) : 'moved'
}
