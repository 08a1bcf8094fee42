import { useNavigate } from '@tanstack/react-router'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import { CallbackBox } from './callback-box.tsx'
import { ConnectForm } from './connect-form.tsx'
import './shops.css'

/** 接入店铺: the user enters the keys. Authorisation, verification and go-live time follow on the shop's page. */
export default function ConnectPage() {
  const say = useSay()
  const navigate = useNavigate()
  return (
    <div className="page">
      <PageHead title={say(['接入店铺', 'Connect a shop'])} />
      <div className="scroll body">
        <ol className="connect-steps">
          <li>
            <b>{say(['在开放平台建应用', 'Make an app on the open platform'])}</b>
            <p className="t2">
              {say([
                '登录店铺所在平台的开放平台，建一个自用型应用，开通订单、退款、商品和物流接口。自己建的站，在网站后台建接口密钥；自有商城不用建应用，定一个签名密钥。没有接口的渠道（社区团购、微信群、分销商）选「表格店铺」，不用应用也不用密钥。',
                "Sign in to the developers' site of the shop's platform and make an app for own use, with trades, refunds, goods and logistics. A site of your own gives a key in its back office; a mall that you built needs no app, only a secret that you choose. For a channel without an interface (a buying group, a distributor) choose the spreadsheet shop, which needs neither.",
              ])}
            </p>
          </li>
          <li>
            <b>
              {say([
                '平台要卖家同意的，把回调地址填到应用里',
                'Where the seller has to agree, enter the callback address there',
              ])}
            </b>
            <CallbackBox />
          </li>
          <li>
            <b>{say(['把应用的密钥填在下面', 'Enter the keys of the app below'])}</b>
          </li>
          <li>
            <b>{say(['授权并验证', 'Authorise and verify'])}</b>
            <p className="t2">
              {say([
                '平台要卖家同意的，保存后在店铺页去授权，手上已有 SessionKey 的直接粘贴；其他平台凭密钥自己连上。新店铺从现在起接单，自动转单默认不开。',
                "Where the seller has to agree, that is done on the platform's page after saving, or you paste a session key that you have. Other platforms are connected by the keys alone. A new shop goes live from now on; automatic conversion is off.",
              ])}
            </p>
          </li>
        </ol>
        <ConnectForm onMade={({ shop }) => void navigate({ to: `/shops/${shop.id}` })} />
      </div>
    </div>
  )
}
