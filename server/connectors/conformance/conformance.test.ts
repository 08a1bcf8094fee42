import { pdd, taobao as taobaoShop, tmall } from '../../../sandbox/testing.ts'
import { pinduoduo } from '../pinduoduo/index.ts'
import { taobao } from '../taobao/index.ts'
import { onSimulator, type Simulated } from './simulator.ts'

const ofTop = (shop: typeof tmall): Simulated => ({
  shop,
  credentials: (url) => ({
    appKey: shop.appKey,
    appSecret: shop.appSecret,
    gatewayUrl: `${url}/router/rest`,
    tokenUrl: `${url}/token`,
  }),
  tid: (nth) => `29481057339${String(nth).padStart(8, '0')}`,
  linesOfTrade: 2,
  unknownStatus: { garbage: { status: '"TRADE_NEWLY_INVENTED"' }, word: 'TRADE_NEWLY_INVENTED' },
})

onSimulator(taobao, [ofTop(taobaoShop), ofTop(tmall)])
onSimulator(pinduoduo, [
  {
    shop: pdd,
    credentials: (url) => ({
      clientId: pdd.appKey,
      clientSecret: pdd.appSecret,
      gatewayUrl: `${url}/api/router`,
    }),
    tid: (nth) => `261124-${String(nth).padStart(15, '5')}`,
    linesOfTrade: 1,
    unknownStatus: { garbage: { order_status: '9', refund_status: '1' }, word: 'order 9' },
  },
])
