/** The kernel's own texts, as they were recorded. */
import { expect, test } from "vitest";
import { familyOf, parseBytes, parseTable } from "./sockets.ts";

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:5C43 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5923 1 0000000027b8bf9b 100 0 0 10 0                      
   1: 0100007F:BD8E 0100007F:5C43 01 00000000:00000000 02:00000A1B 00000000  1000        0 60178 2 00000000d2e9fc28 20 4 30 10 -1                     
   2: 0200A8C0:BD90 2A00110A:01BB 08 00000000:00000001 00:00000000 00000000  1000        0 60180 1 00000000d2e9fc29 20 4 30 10 -1                     
   3: 0100007F:BD92 0100007F:5C43 06 00000000:00000000 03:00000A1B 00000000     0        0 0 3 00000000d2e9fc30
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1389 00000000000000000000000001000000:9C40 01 00000000:00000000 00:00000000 00000000     0        0 71001 1 0000000000000000 20 4 30 10 -1
   1: 0000000000000000FFFF00000100007F:1389 0000000000000000FFFF00000100007F:5C43 01 00000000:00000000 00:00000000 00000000     0        0 71002 1 0000000000000000 20 4 30 10 -1
   2: B80D0120000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 71003 1 0000000000000000 20 4 30 10 -1
`;

test("of a table those that are established or listening are read, and no others", () => {
  expect(parseTable(tcp)).toEqual([
    {
      local: { host: "127.0.0.1", port: 23619 },
      remote: { host: "0.0.0.0", port: 0 },
      state: "listening",
      inode: "5923",
    },
    {
      local: { host: "127.0.0.1", port: 48526 },
      remote: { host: "127.0.0.1", port: 23619 },
      state: "established",
      inode: "60178",
    },
  ]);
});

test("what is IPv4 is written so in the table of IPv6, too", () => {
  expect(parseTable(tcp6).map(({ local, remote }) => [local.host, remote.host])).toEqual([
    ["::1", "::1"],
    ["127.0.0.1", "127.0.0.1"],
    ["2001:db8:0:0:0:0:0:1", "::0"],
  ]);
});

const told = `0      0                      127.0.0.1:48526      127.0.0.1:23619 timer:(keepalive,29sec,0) uid:1000 ino:60178 sk:1 cgroup:/ <->
\t ts sack cubic wscale:7,7 rto:204 rtt:0.021/0.009 mss:32768 cwnd:11 bytes_sent:21 bytes_acked:22 bytes_received:6 segs_out:4
0      0      [::ffff:127.0.0.1]:5001 [::ffff:127.0.0.1]:23619 ino:71002 sk:2 <-> cubic rto:204 cwnd:10 segs_in:2
0      0                      127.0.0.1:48530      127.0.0.1:23619 ino:60190 sk:3 cgroup:/ <->
`;

test("bytes are told by inode, on one line or on two; none where the kernel did not tell", () => {
  expect(parseBytes(told)).toEqual(
    new Map([
      ["60178", { sent: 21, received: 6 }],
      ["71002", { sent: 0, received: 0 }],
    ]),
  );
  expect(parseBytes("")).toEqual(new Map());
});

test("a process's family are those of its session, and the children of any of them", () => {
  const parents = new Map<number, readonly [number, number]>([
    [10, [1, 10]],
    [11, [10, 10]],
    [12, [11, 12]], // in a session of its own
    [13, [12, 12]],
    [14, [1, 10]], // its parent is gone
    [20, [1, 20]],
  ]);
  expect(familyOf(10, parents)).toEqual(new Set([10, 11, 12, 13, 14]));
});
