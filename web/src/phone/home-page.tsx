import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useAllowed } from '../ui/base/session.ts'
import { Tip } from '../ui/overlay/tip.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { Icon, type IconName } from './icons.tsx'
import { opensOffline } from './install.ts'
import { Phone } from './shell.tsx'
import { dropOldKept } from './store.ts'
import { useNews } from './use-news.ts'
import { useWarehouse } from './warehouse.ts'

type Work = {
  to: '/phone/pick' | '/phone/put-away' | '/phone/count' | '/phone/look-up'
  permission: string
  icon: IconName
  words: LocalizedPair
  does: LocalizedPair
}

const works: readonly Work[] = [
  {
    to: '/phone/pick',
    permission: 'fulfilment.ship',
    icon: 'pick',
    words: ['拣货', 'Pick'],
    does: ['按路线拿货进篮', 'Goods into baskets, along the route'],
  },
  {
    to: '/phone/put-away',
    permission: 'inventory.write',
    icon: 'putAway',
    words: ['上架', 'Put away'],
    does: ['收到的货放到库位', 'Goods that came in, to their bins'],
  },
  {
    to: '/phone/count',
    permission: 'inventory.write',
    icon: 'count',
    words: ['盘点', 'Count'],
    does: ['盲盘，对不上再数', 'Blind; counted again if it differs'],
  },
  {
    to: '/phone/look-up',
    permission: 'inventory.read',
    icon: 'lookUp',
    words: ['查询', 'Find'],
    does: ['商品、库位、包裹、订单', 'Goods, bins, parcels, orders'],
  },
]

/** The first page of a phone in the warehouse. */
export default function HomePage() {
  const say = useSay()
  const navigate = useNavigate()
  const allowed = useAllowed()
  const teller = useNews()
  const { warehouses, id, choose } = useWarehouse()
  useEffect(() => void dropOldKept().catch(() => undefined), [])
  return (
    <Phone
      title={say(['仓库手机', 'Warehouse phone'])}
      teller={teller}
      scanning={{
        hint: say(['扫任何码，查它是什么', 'Scan anything to look it up']),
        onScan: (code) => void navigate({ to: '/phone/look-up', search: { code } }),
      }}
    >
      {warehouses.length > 1 && (
        <label className="phone-field">
          <span className="t2">{say(['仓库', 'Warehouse'])}</span>
          <select className="input" value={id} onChange={(event) => choose(event.target.value)}>
            {warehouses.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      )}
      <nav className="phone-works" aria-label={say(['做什么', 'What to do'])}>
        {works.map(({ to, permission, icon, words, does }) => {
          const why = allowed(permission)
          return (
            <Tip key={to} text={why} block>
              <button
                type="button"
                data-action={to}
                aria-disabled={why !== undefined || undefined}
                onClick={() => why === undefined && void navigate({ to })}
              >
                <span className="phone-icon">
                  <Icon name={icon} />
                </span>
                <b>{say(words)}</b>
                <small>{why ?? say(does)}</small>
              </button>
            </Tip>
          )
        })}
      </nav>
      {!opensOffline() && (
        <p className="t2">
          {say([
            '这个地址不是 https：断网时扫的还会存着，但页面关了就打不开，相机也不能用。',
            'This address is not https: scans are kept while offline, but the page cannot be opened anew, and the camera does not work.',
          ])}
        </p>
      )}
    </Phone>
  )
}
