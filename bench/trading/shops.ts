import { demoShops } from '../../sandbox/demo-shops.ts'
import type { ShopOptions } from '../../sandbox/world/model.ts'

/** `all`: one shop of each marketplace in turn. */
export type BenchPlatform = 'tmall' | 'pinduoduo' | 'all'

/** Returns shops of the simulator. Each has its own application and so its own quota. */
export function benchShops(count: number, platform: BenchPlatform = 'tmall'): ShopOptions[] {
  // 拍拍 has ended, and a mall of one's own has no lists.
  const isMeant = (shop: ShopOptions) =>
    platform === 'all' ? !['paipai', 'ownshop', 'taobao'].includes(shop.platform) : shop.platform === platform
  const kinds = [...new Map(demoShops.filter(isMeant).map((shop) => [shop.platform, shop])).values()]
  return Array.from({ length: count }, (_, at) => {
    const no = String(at + 1).padStart(3, '0')
    const like = kinds[at % kinds.length]
    if (!like) throw new Error('the demo has no shops')
    return {
      ...like,
      key: `shop-${no}`,
      name: `旗舰店 ${no}`,
      appKey: `24${no}001`,
      appSecret: like.appSecret.replace(/^.{3}/, no),
      sessionKey: like.sessionKey.replace(/^.{7}/, `6100${no}`),
      refreshToken: like.refreshToken.replace(/^.{7}/, `6101${no}`),
      trades: 0,
    }
  })
}
