-- 快手 names couriers by numbers when goods are shipped, and by letters in its e-waybills.

update courier_code set system = 'kuaishou_waybill' where system = 'kuaishou';

insert into courier_code (courier, system, code) values
  ('SF', 'kuaishou', '4'), ('YTO', 'kuaishou', '6'), ('ZTO', 'kuaishou', '9'), ('STO', 'kuaishou', '3'), ('YUNDA', 'kuaishou', '11'), ('JTSD', 'kuaishou', '109'),
  ('JD', 'kuaishou', '14'), ('EMS', 'kuaishou', '2'), ('POSTB', 'kuaishou', '8'), ('DBKD', 'kuaishou', '53'), ('TTKDEX', 'kuaishou', '5'), ('UC', 'kuaishou', '15'),
  ('ZJS', 'kuaishou', '10'), ('EYB', 'kuaishou', '139'), ('DN', 'kuaishou', '113'), ('FENGWANG', 'kuaishou', '127'), ('ZYKD', 'kuaishou', '112'), ('KYE', 'kuaishou', '25'),
  ('ZTOKY', 'kuaishou', '12'), ('YDKY', 'kuaishou', '7'), ('ANE', 'kuaishou', '43'), ('SXJD', 'kuaishou', '86');

comment on column courier_code.system is 'A platform: its codes for shipping; a source of waybill numbers or of tracking: its own codes. pinduoduo_waybill and kuaishou_waybill have other codes than pinduoduo and kuaishou.';
