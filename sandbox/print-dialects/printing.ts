export type PrintClientKind = 'cainiao' | 'pinduoduo' | 'doudian' | 'weixin' | 'kuaishou' | 'xiaohongshu'

/** A print client. The printed labels are kept in `printed`. */
export interface PrintClient {
  url: string
  /** Document ids in the order in which their labels came out. */
  printed: string[]
  /** The data of the custom area of each printed label, by document id. */
  areas: Map<string, Fields>
  /** Number of documents that arrived. */
  arrived: number
  /** Faults of the documents to come. */
  faults: PrintFaults
  /** How many pages are connected. */
  readonly connections: number
  close(): Promise<void>
}

interface PrintFaults {
  /** No printer is installed. */
  noPrinter?: boolean
  /** Documents that fail after they were rendered, by their place in the order of arrival, from 1. */
  jamAt?: number
  /** The connection ends after this document came out of the printer, before the client says so. */
  dieAfter?: number
  /** The client takes each message and answers none. */
  silent?: boolean
}

export const PRINTER = '热敏打印机 76×130'

export const JAM = '打印机缺纸'

/** Prints one label, with the data of its custom area. Returns whether it came out. */
export function printOne(client: PrintClient, id: string, area: unknown): boolean {
  client.arrived += 1
  if (client.arrived === client.faults.jamAt) return false
  client.printed.push(id)
  if (isFields(area)) client.areas.set(id, area)
  return true
}

export const dies = ({ arrived, faults }: PrintClient) => arrived === faults.dieAfter

export type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fieldsIn = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : [])
