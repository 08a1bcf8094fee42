import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { yuan } from '../../../server/lib/money-text.ts'
import { get } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { useActions } from '../ui/act/actions.ts'
import { type Act, Acts } from '../ui/act/acts.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { checkingLabel, checkingOf, checkingWords } from './checking.ts'
import { ListingCell, ListingState } from './listing-cells.tsx'
import { SkuCell, SkuState, skuActions } from './skus.tsx'
import type { SkuDetail, SkuRow } from './types.ts'
import './catalog.css'

const SkuDialog = lazy(() => import('./sku-dialog-page.tsx'))
const BundleDialog = lazy(() => import('./bundle-dialog-page.tsx'))

type DrawerProps = { id: string; rows: readonly SkuRow[]; step: (by: number) => void; onClose: () => void }

export default function SkuDrawer({ id, rows, step, onClose }: DrawerProps) {
  const say = useSay()
  const sku = useQuery({ queryKey: ['/skus', id], queryFn: () => get('/skus/:id', { id }) })
  const { data } = sku
  return (
    <Drawer
      label={say(['商品 {code}', 'Product {code}'], { code: data?.code ?? '' })}
      at={rows.findIndex((row) => row.id === id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        data && (
          <>
            <h2>{data.code}</h2>
            <SkuState active={data.active} />
            <span className="t2 small cut">{data.name}</span>
          </>
        )
      }
      foot={data && <SkuActs key={data.id} sku={data} />}
    >
      {sku.error && <LoadError error={sku.error} onRetry={() => void sku.refetch()} />}
      {data && (
        <div className="drawer-body sku-body">
          <div className="drawer-main">
            <Facts sku={data} />
            <Parts sku={data} />
            <Listings sku={data} />
          </div>
        </div>
      )}
    </Drawer>
  )
}

function Facts({ sku }: { sku: SkuDetail }) {
  const say = useSay()
  const none = <span className="t3">–</span>
  const facts: [LocalizedPair, React.ReactNode][] = [
    [['商品', 'Product'], `${sku.name} · ${sku.productCode}`],
    [['规格', 'Spec'], sku.spec || none],
    [['分类', 'Category'], sku.category || none],
    [['品牌', 'Brand'], sku.brand || none],
    [['售价 ¥', 'Price ¥'], sku.priceFen === null ? none : yuan(sku.priceFen)],
    [['最低价 ¥', 'Lowest ¥'], sku.referenceFen === null ? none : yuan(sku.referenceFen)],
    [['重量 g', 'Weight g'], sku.weightG === null ? none : count(sku.weightG)],
    [checkingLabel, say(checkingWords[checkingOf(sku)])],
    [['修改', 'Changed'], <Time key="at" at={sku.updatedAt} />],
  ]
  return (
    <dl className="fact-grid">
      {facts.map(([name, value]) => (
        <div key={name[1]} style={{ display: 'contents' }}>
          <dt>{say(name)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
      <dt>{say(['条码', 'Barcodes'])}</dt>
      <dd className="wide num">{sku.barcodes.length > 0 ? sku.barcodes.join('  ') : none}</dd>
    </dl>
  )
}

function Parts({ sku }: { sku: SkuDetail }) {
  const say = useSay()
  if (sku.parts.length === 0 && sku.bundles.length === 0) return null
  if (sku.parts.length === 0) {
    return (
      <Section title={say(['在这些套餐里', 'In these bundles'])}>
        <p className="row wrap">
          {sku.bundles.map((bundle) => (
            <PageLink key={bundle.skuId} to="/products" search={{ open: bundle.skuId, tab: 'all' }}>
              {`${bundle.code} × ${bundle.quantity}`}
            </PageLink>
          ))}
        </p>
      </Section>
    )
  }
  return (
    <Section
      title={say(['套餐组成', 'Made of'])}
      aside={say(['{n} 种', '{n} {n|SKU|SKUs}'], { n: sku.parts.length })}
    >
      <table className="plain-table">
        <tbody>
          {sku.parts.map((part) => (
            <tr key={part.skuId}>
              <td>
                <SkuCell sku={part} />
              </td>
              <td>
                <PageLink to="/products" search={{ open: part.skuId, tab: 'all' }}>
                  {part.code}
                </PageLink>
              </td>
              <td className="right">{`× ${part.quantity}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

function Listings({ sku }: { sku: SkuDetail }) {
  const say = useSay()
  return (
    <Section title={say(['平台商品', 'Listings'])} aside={sku.listings.length || undefined}>
      {sku.listings.length === 0 ? (
        <p className="t2">
          {say([
            '没有匹配的平台商品。平台商品写上同样的商家编码，就会自动匹配。',
            'Nothing is matched. Write its code as outer code in the shop, and it is matched automatically.',
          ])}
        </p>
      ) : (
        <table className="plain-table">
          <tbody>
            {sku.listings.map((listing) => (
              <tr key={listing.id}>
                <td>
                  <ListingCell listing={listing} />
                </td>
                <td className="t2">
                  <ShopLabel id={listing.shopId} short />
                </td>
                <td>
                  <ListingState status={listing.status} />
                </td>
                <td className="right">
                  <PageLink act to="/listings" search={{ tab: 'all', ids: listing.id }}>
                    {say(['查看', 'See'])}
                  </PageLink>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}

function SkuActs({ sku }: { sku: SkuDetail }) {
  const say = useSay()
  const [dialog, setDialog] = useState<'edit' | 'bundle'>()
  const actions = useActions<SkuRow>(() => undefined)
  const row: SkuRow = { ...sku, listingCount: sku.listings.length, partCount: sku.parts.length }
  const why = actions.allowed('catalog.write')
  const whole = sku.active ? skuActions.retire : skuActions.revive
  const isPart = sku.bundles.length > 0
  const acts: Act[] = [
    { name: 'edit', words: ['编辑', 'Edit'], letter: 'E', why, run: () => setDialog('edit') },
    {
      name: 'bundle',
      words: ['套餐组成', 'Bundle'],
      letter: 'B',
      why:
        why ??
        (isPart
          ? say(['它在别的套餐里，不能再是套餐', 'A part of another bundle cannot be a bundle'])
          : undefined),
      run: () => setDialog('bundle'),
    },
    {
      name: whole.path,
      words: whole.words,
      letter: whole.letter,
      why,
      danger: sku.active,
      run: () => actions.start(whole, [row]),
    },
  ]
  const close = () => setDialog(undefined)
  return (
    <>
      <Acts acts={acts} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.code} />
      <Suspense>
        {dialog === 'edit' && <SkuDialog sku={sku} onClose={close} />}
        {dialog === 'bundle' && <BundleDialog sku={sku} onClose={close} />}
      </Suspense>
    </>
  )
}
