import { permissions } from './permissions.ts'
export { permissions }

export const me = {
  kind: 'user', id: '1', name: '林晓', email: 'linxiao@shanyu.cn', language: 'zh', theme: 'system',
  roles: [{ id: '2', name: '接口员', nameEn: 'Intake' }], permissions, shops: 'all', twoFactor: false, sessionId: '1',
}

const names = [['tmall', '山隅家居旗舰店'], ['c', '山隅生活集市'], ['pdd', '山隅家纺官方店'], ['dy', '山隅家居'], ['jd', '山隅京东店'], ['wx', '山隅小铺']]
const inDays = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString()

export const shops = names.map(([variant, name], i) => ({
  id: String(i + 1), platform: variant === 'tmall' || variant === 'c' ? 'tb' : variant, variant, name, platformShopId: `70${i}`, sellerNick: name, hasCredentials: true,
  authState: i === 0 ? 'expired' : 'live', authError: i === 0 ? 'invalid-sessionkey' : '', authChangedAt: inDays(-1), tokenExpiresAt: inDays(170), refreshExpiresAt: inDays(300),
  enabled: true, goLiveAt: inDays(-30), settings: { convertUnpaid: false, reserveAt: 'conversion', requestsPerSecond: null, concurrentRequests: null }, timeZone: 'Asia/Shanghai', createdAt: inDays(-40),
  coverage: { completeTo: new Date(Date.now() - [32, 2, 5, 2, 16, 2][i]! * 60_000).toISOString(), behindMs: [32, 2, 5, 2, 16, 2][i]! * 60_000 },
}))

const words = (zh: string, en: string) => ({ zh, en })
export const connectors = [
  {
    id: 'tb', name: words('淘宝 / 天猫', 'Taobao / Tmall'), variants: [{ id: 'tmall', zh: '天猫', en: '天猫' }, { id: 'c', zh: '淘宝', en: '淘宝' }], oauth: true, path: 'two_stage', can: ['refuseRefund', 'agreeRefund', 'updateMemo'], cannot: {},
    credentials: { type: 'object', required: ['appKey', 'appSecret'], properties: { appKey: { type: 'string', title: 'App Key' }, appSecret: { type: 'string', title: 'App Secret', secret: true }, gateway: { type: 'string', title: '网关地址', default: 'https://eco.taobao.com/router/rest' } } },
  },
  ...[['pdd', '拼多多'], ['dy', '抖音'], ['jd', '京东'], ['wx', '微信小店']].map(([id, zh]) => ({ id, name: words(zh!, zh!), variants: [{ id, zh, en: zh }], oauth: true, path: 'direct', can: [], cannot: {}, credentials: { type: 'object', properties: { clientId: { type: 'string', title: 'Client ID' } } } })),
]
