import type { LocalizedText } from '../lib/localized-text.ts'
import { cainiaoPrintClient } from './cainiao/print-client-contract.ts'
import { pinduoduoPrintClient } from './pinduoduo/print-client-contract.ts'

/** How the pages speak to the print client of a source on the clerk's machine. Pure, because the pages read it. */
export type PrintProtocol = {
  name: LocalizedText
  /** The page's security policy must allow it: core/http/http-security.ts. */
  url: string
  /** The command of the message that ends a task. */
  result: string
  /** Sent beside each task. */
  program: Readonly<Record<string, string>>
}

/** The print clients by the id of their source. */
export const printClients = {
  cainiao: cainiaoPrintClient,
  pinduoduo: pinduoduoPrintClient,
} as const satisfies Readonly<Record<string, PrintProtocol>>
