import { lazy, Suspense } from 'react'
import { PageActs } from '../ui/act/acts.tsx'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import './phones.css'

const QrCode = lazy(() => import('../users/qr-page.tsx'))

/** 仓库手机: how a phone comes to its own pages, which have no menu. */
export default function PhonesPage() {
  const say = useSay()
  const address = `${location.origin}/phone`
  return (
    <div className="page">
      <PageHead title={say(['仓库手机', 'Warehouse phone'])}>
        <PageActs
          acts={[
            {
              name: 'open',
              words: ['在这台打开', 'Open here'],
              letter: 'N',
              primary: true,
              // A load of its own, so that the page is one that opens offline.
              run: () => location.assign('/phone'),
            },
          ]}
        />
      </PageHead>
      <div className="scroll body">
        <section className="panel phones">
          <Suspense>
            <QrCode text={address} />
          </Suspense>
          <div>
            <b className="num">{address}</b>
            <ol>
              <li>
                {say([
                  '用手机或扫码终端扫二维码，登录',
                  'Scan the code with a phone or handheld, and sign in',
                ])}
              </li>
              <li>
                {say(['添加到主屏幕，以后点图标就开', 'Add it to the home screen to open it from there'])}
              </li>
              <li>{say(['扫码枪、键盘、相机都能扫', 'A scanner, the keyboard and the camera all scan'])}</li>
              <li>
                {say([
                  '断网照样拣货、上架、盘点：扫的存在手机里，连上自动上传',
                  'Offline, picking, putting away and counting go on: scans are kept and sent later',
                ])}
              </li>
            </ol>
            {!isSecureContext && (
              <p className="ink-warn">
                {say([
                  '这个地址不是 https：手机断网后打不开页面，相机也不能用。',
                  'This address is not https: without network the page does not open, and the camera does not work.',
                ])}{' '}
                <a href="/trust">{say(['怎么装证书', 'How to install the certificate'])}</a>
              </p>
            )}
          </div>
        </section>
      </div>
    </div>
  )
}
