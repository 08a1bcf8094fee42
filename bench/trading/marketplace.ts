import { demoShops } from '../../sandbox/demo-shops.ts'
import { startSandbox } from '../../sandbox/server.ts'
import { benchShops } from './shops.ts'

// The simulator in its own process: node marketplace.ts <trades> <days> [shops] [platform]. Its first line of output is its address.
const [trades = '1000', days = '20', shops, platform] = process.argv.slice(2)
const kind = platform === 'pinduoduo' || platform === 'all' ? platform : 'tmall'
const chosen = shops === undefined ? demoShops.slice(0, 1) : benchShops(Number(shops), kind)
const running = await startSandbox({
  port: 0,
  seed: 'bench',
  shops: chosen.map((shop) => ({ ...shop, trades: Number(trades) })),
  spreadSeconds: Number(days) * 86_400,
})
console.log(running.url)
process.on('disconnect', () => process.exit(0))
