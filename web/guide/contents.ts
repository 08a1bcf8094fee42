import type { LocalizedPair } from '../../server/lib/localized-text.ts'

/** The pages of the guide in their order. A page has the same name in both languages. */
export const groups: readonly { words: LocalizedPair; pages: readonly string[] }[] = [
  { words: ['开始', 'Start'], pages: ['start', 'shops', 'day'] },
  {
    words: ['接平台', 'Platforms'],
    pages: [
      'platform-taobao',
      'platform-pinduoduo',
      'platform-weixin',
      'platform-doudian',
      'platform-kuaishou',
      'platform-jd',
      'platform-xiaohongshu',
      'platform-woocommerce',
      'platform-shopify',
      'own-shop',
      'sheet-shop',
      'relay',
    ],
  },
  { words: ['订单和售后', 'Orders and after-sale'], pages: ['orders', 'rules', 'aftersale', 'returns'] },
  { words: ['仓库', 'Warehouse'], pages: ['printing', 'waves', 'station', 'phone', 'stock'] },
  { words: ['钱和数', 'Money and figures'], pages: ['finance', 'reports'] },
  { words: ['管这套系统', 'Running it'], pages: ['system', 'operations', 'size', 'merchants', 'security'] },
  { words: ['给程序员', 'For programmers'], pages: ['api', 'webhooks', 'mcp', 'connectors'] },
]
