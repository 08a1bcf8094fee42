import type { Connector } from './connector.ts'
import { pinduoduo } from './pinduoduo/index.ts'
import { taobao } from './taobao/index.ts'

export const connectors: readonly Connector[] = [taobao, pinduoduo]

export function connectorFor(platform: string): Connector | undefined {
  return connectors.find((connector) => connector.id === platform)
}
