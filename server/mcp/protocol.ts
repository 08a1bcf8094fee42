// JSON-RPC of the Model Context Protocol, over one POST for each message ("Streamable HTTP", without streams and without sessions):
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports

import { isRecord } from '../lib/json.ts'

/** The newest first. A client that asks for another one is answered with the newest, as the specification wants. */
export const protocolVersions = ['2025-11-25', '2025-06-18', '2025-03-26']

/** What a method answers: a result, or an error by its JSON-RPC code. */
export type Reply = { result: object } | { error: { code: number; message: string } }

export const invalidRequest = -32600
export const unknownMethod = -32601
export const invalidParams = -32602

export const failed = (code: number, message: string): Reply => ({ error: { code, message } })

export type Message = { id: string | number; method: string; params: Record<string, unknown> }

/** Returns the request of a body; 'notification' for a message that wants no answer; undefined for anything else. */
export function messageOf(body: unknown): Message | 'notification' | undefined {
  if (!isRecord(body) || body['jsonrpc'] !== '2.0') return undefined
  const { id, method, params = {} } = body
  if (id === undefined && typeof method === 'string') return 'notification'
  // The answer to a request of ours; we send none.
  if (method === undefined && ('result' in body || 'error' in body)) return 'notification'
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof method !== 'string' || !isRecord(params))
    return undefined
  return { id, method, params }
}
