import type { Connector } from './connector.ts'
import { pinduoduo } from './pinduoduo/index.ts'
import { taobao } from './taobao/index.ts'

/** Every marketplace we speak with: one line each. */
export const connectors: readonly Connector[] = [taobao, pinduoduo]

/** The connector of a shop's `platform`; `undefined` for one that we do not speak with. */
export function connectorFor(platform: string): Connector | undefined {
  return connectors.find((connector) => connector.id === platform)
}
