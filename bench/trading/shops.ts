import { demoShops } from '../../sandbox/demo-shops.ts'
import type { ShopOptions } from '../../sandbox/world/model.ts'

/** `all`: one shop of each marketplace in turn. */
export type BenchPlatform = 'tmall' | 'pinduoduo' | 'all'

/** Returns shops of the simulator. Each has its own application and so its own quota. */
export function benchShops(count: number, platform: BenchPlatform = 'tmall'): ShopOptions[] {
  // 拍拍 has ended, a mall of one's own has no lists, and the simulator is one site of WooCommerce and one of Shopify, thus one shop of each.
  const others = ['paipai', 'ownshop', 'taobao', 'woocommerce', 'shopify']
  const isMeant = (shop: ShopOptions) =>
    platform === 'all' ? !others.includes(shop.platform) : shop.platform === platform
  const kinds = [...new Map(demoShops.filter(isMeant).map((shop) => [shop.platform, shop])).values()]
  return Array.from({ length: count }, (_, at) => {
    const no = String(at + 1).padStart(3, '0')
    const like = kinds[at % kinds.length]
    if (!like) throw new Error('the demo has no shops')
    // The beginning of a key may say what kind of key it is.
    const own = (value: string) => `${value.slice(0, -3)}${no}`
    return {
      ...like,
      key: `shop-${no}`,
      name: `旗舰店 ${no}`,
      appKey: own(like.appKey),
      appSecret: own(like.appSecret),
      sessionKey: own(like.sessionKey),
      refreshToken: own(like.refreshToken),
      trades: 0,
    }
  })
}
