import { AppError } from '../../errors.ts'
import type { ExtraRefundFilter } from '../../finance/extra-refunds.ts'
import { extraRefundStatuses } from '../../finance/lifecycle.ts'
import type { ExtraRefundFilterIn } from './contract.ts'

export function extraRefundFilterOf({ status, shop, orderId }: ExtraRefundFilterIn): ExtraRefundFilter {
  const statuses = status
    ?.split(',')
    .map((text) => extraRefundStatuses.find((known) => known === text) ?? wrongStatus())
  return { status: statuses, shop: shop?.split(','), orderId }
}
function wrongStatus(): never {
  throw new AppError('invalid_input', { detail: 'status' }, 'status')
}
