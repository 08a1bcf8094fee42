import { useQuery } from '@tanstack/react-query'
import { workStateWords } from '../../../server/fulfilment/lifecycle.ts'
import { basketCode } from '../../../server/fulfilment/waves/lifecycle.ts'
import { statusWords } from '../../../server/orders/order/lifecycle.ts'
import { errorText, get } from '../api.ts'
import type { Answer } from '../api-routes.ts'
import { useCourierName } from '../fulfilment/query.ts'
import { count } from '../ui/base/figures.tsx'
import { nearTime } from '../ui/base/time.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'
import { inTime, isAway } from './away.ts'
import { Phone } from './shell.tsx'
import { useInTurn } from './use-in-turn.ts'
import { useNews } from './use-news.ts'

type Found = Answer<'GET', '/look-up'>

const isEmpty = ({ goods, bins, parcels, orders }: Found) =>
  goods.length + bins.length + parcels.length + orders.length === 0

/** 查询: what a code is, and where it is. */
export default function LookUpPage() {
  const say = useSay()
  const teller = useNews()
  const inTurn = useInTurn()
  const [{ code = '' }, setSearch] = useUrlState()
  const found = useQuery({
    queryKey: ['/look-up', code],
    queryFn: () => inTime(get('/look-up', { code })),
    enabled: code !== '',
    networkMode: 'always',
    retry: false,
    staleTime: 0,
  })
  const scan = (next: string) =>
    inTurn(async () => {
      teller.clear()
      if (next === code) await found.refetch()
      else setSearch({ code: next })
    })
  return (
    <Phone
      title={say(['查询', 'Find'])}
      back="/phone"
      teller={teller}
      scanning={{
        hint: say(['扫商品、库位、面单、订单号', 'Scan goods, bin, waybill or order']),
        onScan: scan,
      }}
    >
      {code === '' && (
        <p className="phone-hint">{say(['扫一个码，告诉你它在哪。', 'Scan a code to see where it is.'])}</p>
      )}
      {found.error && (
        <p className="phone-hint ink-bad" role="alert">
          {isAway(found.error)
            ? say([
                '离线查不了：库存和包裹随时在变。',
                'Nothing can be looked up offline: stock and parcels change.',
              ])
            : errorText(found.error)}
        </p>
      )}
      {found.data && <Results code={code} found={found.data} />}
    </Phone>
  )
}

function Results({ code, found }: { code: string; found: Found }) {
  const say = useSay()
  if (isEmpty(found))
    return (
      <p className="phone-hint ink-warn" role="alert">
        {say(['没有「{code}」：不是商品、库位、面单，也不是订单号', 'Nothing has the code {code}'], { code })}
      </p>
    )
  return (
    <div className="phone-found">
      {found.parcels.map((one) => (
        <Parcel key={one.id} parcel={one} />
      ))}
      {found.orders.map(({ id, no, status, warehouseName, quantity }) => (
        <section key={id}>
          <h2>{no}</h2>
          <div className="phone-state">{say(statusWords[status])}</div>
          <div className="t2">
            {[warehouseName, say(['{n} 件', '{n} {n|pc|pcs}'], { n: quantity })].filter(Boolean).join(' · ')}
          </div>
        </section>
      ))}
      {found.goods.map((one) => (
        <Goods key={one.skuId} goods={one} />
      ))}
      {found.bins.map((one) => (
        <Bin key={one.id} bin={one} />
      ))}
    </div>
  )
}

function Parcel({ parcel }: { parcel: Found['parcels'][number] }) {
  const say = useSay()
  const courierName = useCourierName()
  const steps = [
    [say(['已拣', 'Picked']), parcel.pickedAt, parcel.pickedBy],
    [say(['已验', 'Checked']), parcel.checkedAt, parcel.checkedBy],
    [say(['已发', 'Shipped']), parcel.shippedAt, parcel.shippedBy],
  ] as const
  return (
    <section>
      <h2>{parcel.waybillNo || parcel.no}</h2>
      <div className={`phone-state${parcel.stop ? ' bad' : ''}`}>
        {parcel.stop ? say(parcel.stop) : say(workStateWords[parcel.workState])}
      </div>
      <div className="t2">
        {[
          parcel.courier && courierName(parcel.courier),
          parcel.orderNo,
          parcel.no,
          say(['{n} 件', '{n} {n|pc|pcs}'], { n: parcel.quantity }),
          parcel.basket !== null && basketCode(parcel.basket),
        ]
          .filter(Boolean)
          .join(' · ')}
      </div>
      {steps.map(([name, at, by]) => at && <div key={name}>{`${name} ${nearTime(at)} ${by ?? ''}`}</div>)}
    </section>
  )
}

function Goods({ goods }: { goods: Found['goods'][number] }) {
  const say = useSay()
  return (
    <section>
      <div className="phone-goods">
        {goods.pictureUrl !== '' && <img src={goods.pictureUrl} alt="" className="small" />}
        <div className="grow">
          <h2>{goods.name}</h2>
          <div className="t2">{[goods.spec, goods.code].filter(Boolean).join(' · ')}</div>
        </div>
      </div>
      {goods.places.length === 0 && <p>{say(['没有库存，也没有库位', 'No stock and no bin'])}</p>}
      {goods.places.map((place) => (
        <div key={place.warehouseId} className="phone-place">
          <div className="phone-bin num">{place.main || place.spare || say(['无库位', 'No bin'])}</div>
          <div className="t2">
            {[
              place.warehouseName,
              place.main && place.spare && say(['备库位 {bin}', 'Spare bin {bin}'], { bin: place.spare }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </div>
          {place.onHand === null ? (
            <p className="ink-warn">
              {say(['正在盘点，不显示数量', 'Being counted: quantities are not shown'])}
            </p>
          ) : (
            <div className="phone-figures">
              <Figure name={say(['在库', 'On hand'])} value={place.onHand} />
              <Figure name={say(['可用', 'Available'])} value={place.available ?? 0} />
              <Figure name={say(['缺货', 'Short'])} value={place.short} />
            </div>
          )}
        </div>
      ))}
    </section>
  )
}

const Figure = ({ name, value }: { name: string; value: number }) => (
  <div>
    <span className="t2">{name}</span>
    <b className="num">{count(value)}</b>
  </div>
)

function Bin({ bin }: { bin: Found['bins'][number] }) {
  const say = useSay()
  return (
    <section>
      <div className="phone-bin num">{bin.code}</div>
      <div className="t2">
        {[bin.warehouseName, !bin.active && say(['已停用', 'Retired'])].filter(Boolean).join(' · ')}
      </div>
      {bin.goods.length === 0 && <p>{say(['没放商品', 'Nothing is kept here'])}</p>}
      {bin.goods.map(({ skuId, code, name, spec, spare, onHand }) => (
        <div key={skuId} className="phone-row">
          <div className="grow">
            <b>{name}</b>
            <div className="t2">
              {[spec, code, spare && say(['备库位', 'Spare bin'])].filter(Boolean).join(' · ')}
            </div>
          </div>
          <b className="num">{onHand === null ? say(['盘点中', 'Being counted']) : count(onHand)}</b>
        </div>
      ))}
      {bin.goods.length > 0 && (
        <p className="t2">
          {say(['数是全仓的：库位不记数量', 'Pieces in the whole warehouse: a bin has no quantity'])}
        </p>
      )}
    </section>
  )
}
