import type { OrderDetail, OrderRow } from '../types.ts'

/** The order as a row of the list, for actions of the list. As there, only holds and problems that are open count. */
export const rowOf = (order: OrderDetail): OrderRow => ({
  ...order,
  lineCount: order.lines.length,
  holdReasons: [
    ...new Set(order.holds.filter((hold) => hold.releasedAt === null).map((hold) => hold.reason)),
  ],
  differenceKinds: [],
  problems: order.problems.filter((problem) => problem.waivedBy === null),
})
