import { useQuery } from '@tanstack/react-query'
import { get } from '../api.ts'
import { useMay, useShops } from '../ui/base/session.ts'
import { Check, Choice } from '../ui/form/form.tsx'
import { type Say, useSay } from '../words.ts'
import type { Roles } from './types.ts'

export type Grant = 'all' | string[]

export function ShopPicker(props: GrantProps) {
  const say = useSay()
  const shops = useShops()
  return (
    <GrantPicker
      {...props}
      label={say(['店铺', 'Shops'])}
      all={say(['全部店铺，包括以后接入的', 'All shops, later ones too'])}
      rows={shops.map((shop) => ({ id: shop.id, name: `${say(shop.label)} · ${shop.name}` }))}
    />
  )
}

/** Selects the warehouses whose stock, stock documents and deliveries a user sees. */
export function WarehousePicker(props: GrantProps) {
  const say = useSay()
  const enabled = useMay()('inventory.read')
  const warehouses = useQuery({
    queryKey: ['/warehouses'],
    queryFn: () => get('/warehouses'),
    enabled,
  })
  return (
    <GrantPicker
      {...props}
      label={say(['仓库', 'Warehouses'])}
      all={say(['全部仓库，包括以后新增的', 'All warehouses, later ones too'])}
      rows={warehouses.data?.rows ?? []}
    />
  )
}

type GrantProps = { value: Grant; onChange: (value: Grant) => void }

function GrantPicker(
  props: GrantProps & { label: string; all: string; rows: readonly { id: string; name: string }[] },
) {
  const say = useSay()
  const { value, onChange, label, all, rows } = props
  return (
    <>
      <Choice
        label={label}
        value={value === 'all' ? 'all' : 'some'}
        onChange={(next) => onChange(next === 'all' ? 'all' : [])}
        options={[
          { value: 'all', label: all },
          { value: 'some', label: say(['只给这些', 'Only these']) },
        ]}
      />
      {value !== 'all' && (
        <div className="stack" style={{ maxHeight: 180, overflow: 'auto' }}>
          {rows.map(({ id, name }) => (
            <Check
              key={id}
              label={name}
              checked={value.includes(id)}
              onChange={(on) => onChange(on ? [...value, id] : value.filter((one) => one !== id))}
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
  returns: ['退货', 'Returns'],
  catalog: ['商品', 'Products'],
  inventory: ['库存', 'Inventory'],
  shops: ['店铺', 'Shops'],
  tasks: ['计划任务', 'Tasks'],
  actions: ['平台回写', 'Write-back'],
  reports: ['报表', 'Reports'],
  system: ['系统', 'System'],
}

type PermissionProps = {
  all: Roles['permissions']
  value: readonly string[]
  onChange: (value: string[]) => void
  fixed?: boolean
}

export function PermissionPicker(props: PermissionProps) {
  return (
    <div className="permission-grid">
      {Object.entries(areas).map(([area, words]) => (
        <PermissionArea
          key={area}
          {...props}
          words={words}
          all={props.all.filter((permission) => permission.area === area)}
        />
      ))}
    </div>
  )
}

function PermissionArea(props: PermissionProps & { words: readonly [string, string] }) {
  const say = useSay()
  const { all, value, onChange, fixed = false, words } = props
  const has = (name: string) => value.includes('*') || value.includes(name)
  const names = all.map(({ name }) => name)
  const rest = value.filter((name) => !names.includes(name))
  const legend = say(words)
  return (
    <fieldset disabled={fixed} aria-label={legend}>
      {/* A control inside a legend is not disabled with its fieldset. */}
      <legend>
        {fixed || names.length < 2 ? (
          legend
        ) : (
          <Check
            label={say(['{area}：全部', '{area}: all'], { area: legend })}
            checked={names.every(has)}
            some={names.some(has)}
            onChange={(on) => onChange(on ? [...rest, ...names] : rest)}
          />
        )}
      </legend>
      {all.map(({ name, label, labelEn }) => (
        <Check
          key={name}
          label={say([label, labelEn])}
          checked={has(name)}
          onChange={(on) => onChange(on ? [...value, name] : value.filter((each) => each !== name))}
        />
      ))}
    </fieldset>
  )
}

export function grantText(granted: Grant, say: Say): string {
  return granted === 'all' ? say(['全部', 'All']) : say(['{n} 个', '{n}'], { n: granted.length })
}
