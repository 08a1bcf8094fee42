import type { Receiver } from '../../connectors/connector.ts'

/** The sealed content of `sales_order.personal`. */
export type Personal = { nick: string; receiver: Receiver }
