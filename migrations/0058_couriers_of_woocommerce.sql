-- WooCommerce has no list of couriers: a parcel has the name by which its buyer knows the courier.

insert into courier_code (courier, system, code) values
  ('SF', 'woocommerce', '顺丰速运'), ('YTO', 'woocommerce', '圆通速递'), ('ZTO', 'woocommerce', '中通快递'), ('STO', 'woocommerce', '申通快递'), ('YUNDA', 'woocommerce', '韵达快递'),
  ('JTSD', 'woocommerce', '极兔速递'), ('JD', 'woocommerce', '京东快递'), ('EMS', 'woocommerce', 'EMS'), ('POSTB', 'woocommerce', '邮政快递包裹'), ('DBKD', 'woocommerce', '德邦快递'),
  ('HTKY', 'woocommerce', '百世快递'), ('TTKDEX', 'woocommerce', '天天快递'), ('UC', 'woocommerce', '优速快递'), ('ZJS', 'woocommerce', '宅急送'), ('EYB', 'woocommerce', '邮政电商标快'),
  ('DN', 'woocommerce', '丹鸟'), ('FENGWANG', 'woocommerce', '丰网速运'), ('ZYKD', 'woocommerce', '众邮快递'), ('KYE', 'woocommerce', '跨越速运'), ('ZTOKY', 'woocommerce', '中通快运'),
  ('YDKY', 'woocommerce', '韵达快运'), ('SFKY', 'woocommerce', '顺丰快运'), ('ANE', 'woocommerce', '安能物流'), ('DBKY', 'woocommerce', '德邦快运'), ('SXJD', 'woocommerce', '顺心捷达');
