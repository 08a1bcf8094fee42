import { Check, Choice } from '../ui/form.tsx'
import { useShops } from '../ui/session.ts'
import { type Say, useSay } from '../words.ts'
import type { Roles } from './types.ts'

export type ShopGrant = 'all' | string[]

/** All shops, or the ones that are ticked. */
export function ShopPicker({ value, onChange }: { value: ShopGrant; onChange: (value: ShopGrant) => void }) {
  const say = useSay()
  const shops = useShops()
  return (
    <>
      <Choice
        label={say(['店铺', 'Shops'])}
        value={value === 'all' ? 'all' : 'some'}
        onChange={(next) => onChange(next === 'all' ? 'all' : [])}
        options={[
          { value: 'all', label: say(['全部店铺，包括以后接入的', 'All shops, later ones too']) },
          { value: 'some', label: say(['只给这些', 'Only these']) },
        ]}
      />
      {value !== 'all' && (
        <div className="stack" style={{ maxHeight: 180, overflow: 'auto' }}>
          {shops.map((shop) => (
            <Check
              key={shop.id}
              label={`${say(shop.label)} · ${shop.name}`}
              checked={value.includes(shop.id)}
              onChange={(on) => onChange(on ? [...value, shop.id] : value.filter((id) => id !== shop.id))}
            />
          ))}
        </div>
      )}
    </>
  )
}

const areas: Record<string, readonly [string, string]> = {
  overview: ['总览', 'Overview'],
  queue: ['待下载', 'Download queue'],
  trades: ['交易', 'Trades'],
  refunds: ['退单', 'Refunds'],
  orders: ['订单', 'Orders'],
  finance: ['财务', 'Finance'],
  fulfilment: ['发货', 'Shipping'],
  catalog: ['商品', 'Products'],
  inventory: ['库存', 'Inventory'],
  shops: ['店铺', 'Shops'],
  tasks: ['计划任务', 'Tasks'],
  actions: ['平台回写', 'Write-back'],
  system: ['系统', 'System'],
}

/** Every permission by area. */
export function PermissionPicker(props: {
  all: Roles['permissions']
  value: readonly string[]
  onChange: (value: string[]) => void
  fixed?: boolean
}) {
  const say = useSay()
  const { all, value, onChange, fixed = false } = props
  const has = (name: string) => value.includes('*') || value.includes(name)
  return (
    <div className="permission-grid">
      {Object.entries(areas).map(([area, words]) => (
        <fieldset key={area} disabled={fixed}>
          <legend>{say(words)}</legend>
          {all
            .filter((permission) => permission.area === area)
            .map((permission) => (
              <Check
                key={permission.name}
                label={say([permission.label, permission.labelEn])}
                checked={has(permission.name)}
                onChange={(on) =>
                  onChange(
                    on ? [...value, permission.name] : value.filter((name) => name !== permission.name),
                  )
                }
              />
            ))}
        </fieldset>
      ))}
    </div>
  )
}

export function shopsText(shops: ShopGrant, say: Say): string {
  return shops === 'all' ? say(['全部', 'All']) : say(['{n} 家', '{n}'], { n: shops.length })
}
