import type { Receiver } from '../../connectors/connector.ts'

/** What the seal holds. */
export type Personal = { nick: string; receiver: Receiver }
