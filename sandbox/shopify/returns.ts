import { part, textIn } from '../json-parts.ts'
import { dividedFee, type Refund } from '../world/model.ts'
import { agreeRefund, refuseRefund } from '../world/refund.ts'
import { recordActivity } from '../world/world.ts'
import { connection, gid, money, numberIn, type Resolver, type ShopifyCall, userError, utc } from './call.ts'
import { isReturn, refundNumber } from './refunds.ts'

const STATUSES: Readonly<Record<string, string>> = {
  WAIT_SELLER_AGREE: 'REQUESTED',
  WAIT_BUYER_RETURN_GOODS: 'OPEN',
  WAIT_SELLER_CONFIRM_GOODS: 'OPEN',
  SELLER_REFUSE_BUYER: 'DECLINED',
  CLOSED: 'CANCELED',
  SUCCESS: 'CLOSED',
}

/** A return that a buyer asks for. It has the number of the refund that ends it. */
export function returnObject(refund: Refund, call: ShopifyCall) {
  const { trade, created, modified, status, num, refuseReason } = refund
  const number = refundNumber(refund)
  return {
    __typename: 'Return',
    id: gid('Return', number),
    name: `#${Number(trade.tid) % 1_000_000}-R1`,
    status: STATUSES[status] ?? 'OPEN',
    createdAt: utc(created),
    closedAt: status === 'SUCCESS' ? utc(modified) : null,
    requestApprovedAt: status === 'WAIT_SELLER_AGREE' ? null : utc(modified),
    totalQuantity: num,
    order: () => call.make.order(trade),
    decline: status === 'SELLER_REFUSE_BUYER' ? { reason: 'OTHER', note: refuseReason } : null,
    refunds: connection(status === 'SUCCESS' ? [call.make.refund(refund)] : []),
    returnLineItems: connection([rowOf(refund, call)]),
    reverseFulfillmentOrders: connection([
      { id: gid('ReverseFulfillmentOrder', number), reverseDeliveries: connection(deliveriesOf(refund)) },
    ]),
  }
}

function rowOf(refund: Refund, call: ShopifyCall) {
  const { trade, line, num, fee, reason, description } = refund
  return {
    __typename: 'ReturnLineItem',
    id: gid('ReturnLineItem', refundNumber(refund)),
    quantity: num,
    returnReasonDefinition: {
      __typename: 'ReturnReasonDefinition',
      id: gid('ReturnReasonDefinition', 1),
      handle: 'other',
      name: reason,
      deleted: false,
    },
    returnReasonNote: '',
    customerNote: description === '' ? null : description,
    fulfillmentLineItem: {
      id: gid('FulfillmentLineItem', `8${line.oid}`),
      quantity: line.num,
      lineItem: () => call.make.line(trade, line),
    },
    withCodeDiscountedTotalPriceSet: money(trade.shop, Math.min(fee, dividedFee(line))),
  }
}

const deliveriesOf = (refund: Refund) =>
  refund.waybill === ''
    ? []
    : [
        {
          id: gid('ReverseDelivery', refundNumber(refund)),
          deliverable: {
            __typename: 'ReverseDeliveryShippingDeliverable',
            tracking: { carrierName: refund.company, number: refund.waybill, url: null },
          },
        },
      ]

function found({ shop }: ShopifyCall, id: unknown): Refund | undefined {
  const number = numberIn('Return', id)
  return [...shop.refunds.values()].find((one) => isReturn(one) && refundNumber(one) === number)
}

export const oneReturn: Resolver = ({ id }, call) => {
  const refund = found(call, id)
  return refund ? call.make.return(refund) : null
}

const refused = (message: string, code: string) => ({
  return: null,
  userErrors: [userError(['input', 'id'], message, code)],
})

/** Mutation.returnApproveRequest and returnDeclineRequest: only while a buyer waits for an answer. */
const answered =
  (action: 'agree' | 'refuse'): Resolver =>
  (args, call) => {
    const input = part(args, 'input')
    const refund = found(call, input['id'])
    if (refund === undefined) return refused('Return not found.', 'NOT_FOUND')
    const { world } = call.sandbox
    const isAsked = refund.status === 'WAIT_SELLER_AGREE'
    const [reason, message] = [textIn(input, 'declineReason'), textIn(input, 'declineNote')]
    const detail = action === 'refuse' ? { reason, message } : {}
    recordActivity(world, call.shop, { action, key: refund.id, accepted: isAsked, detail })
    if (!isAsked) return refused('Return is not in a valid state.', 'INVALID_STATE')
    if (action === 'agree') agreeRefund(world, refund)
    else refuseRefund(world, refund, message)
    return { return: call.make.return(refund), userErrors: [] }
  }

export const returnApproveRequest = answered('agree')
export const returnDeclineRequest = answered('refuse')
