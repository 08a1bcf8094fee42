import type { OrderStatus } from './lifecycle.ts'

/** True if the buyer has paid the order. Cash on delivery counts as paid once the order is completed. */
export const isPaid = ({
  paid,
  cod,
  status,
}: {
  paid: boolean
  cod: boolean
  status: OrderStatus
}): boolean => paid || (cod && status === 'completed')
