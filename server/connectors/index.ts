import type { Connector } from './connector.ts'
import { doudian } from './doudian/index.ts'
import { jd } from './jd/index.ts'
import { kuaishou } from './kuaishou/index.ts'
import { ownshop } from './ownshop/index.ts'
import { paipai } from './paipai/index.ts'
import { pinduoduo } from './pinduoduo/index.ts'
import { sheetshop } from './sheetshop/index.ts'
import { shopify } from './shopify/index.ts'
import { taobao } from './taobao/index.ts'
import { weixin } from './weixin/index.ts'
import { woocommerce } from './woocommerce/index.ts'
import { xiaohongshu } from './xiaohongshu/index.ts'

export const connectors: readonly Connector[] = [
  taobao,
  pinduoduo,
  weixin,
  doudian,
  paipai,
  kuaishou,
  jd,
  xiaohongshu,
  woocommerce,
  shopify,
  ownshop,
  sheetshop,
]

export function connectorFor(platform: string): Connector | undefined {
  return connectors.find((connector) => connector.id === platform)
}
