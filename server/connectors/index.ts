import type { Connector } from './connector.ts'
import { pinduoduo } from './pinduoduo/index.ts'
import { taobao } from './taobao/index.ts'

/** The connectors of all supported platforms. */
export const connectors: readonly Connector[] = [taobao, pinduoduo]

/** Returns the connector of a shop's `platform`; undefined if the platform is not supported. */
export function connectorFor(platform: string): Connector | undefined {
  return connectors.find((connector) => connector.id === platform)
}
