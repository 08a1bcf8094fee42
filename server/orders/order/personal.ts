import type { Receiver } from '../../connectors/connector.ts'

export type Personal = { nick: string; receiver: Receiver }
