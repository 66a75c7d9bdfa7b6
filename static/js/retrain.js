/* Progressive enhancement only: every step works without this file. No eval, no inline code, no style attributes.
   Must run in Chromium 86.
   data-queue      table: j / k move the mark, Enter opens the row's first link
   data-menu       details: closes on Escape and on a click elsewhere
   data-filter     input: its value is the selector of a list whose items are narrowed while typing
   data-formset    prefix: adds and removes rows of a Django formset
   data-copy       button: copies its value (or the text of the element that a selector names)
   data-counter    textarea with maxlength: shows how many characters are left
   data-keep       form: its text survives an expired session, for the address it goes to and no other; where several forms go
                   to one address, the value tells them apart (data-bound: the server sent it back with its input)
   data-print      button: opens the print dialogue
   All forms: a second submit is ignored. */
(function () {
  "use strict";

  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  /* ----- a second click on a submit button does nothing ----- */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.target) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    /* Disabled only after the browser has collected the data, or the pressed button's value would be lost. */
    window.setTimeout(function () { all("button[type=submit], input[type=submit]", form).forEach(function (button) {
      if (!button.disabled) { button.disabled = true; button.dataset.guarded = "yes"; }
    }); }, 0);
  });
  window.addEventListener("pageshow", function () {
    all("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    all("[data-guarded]").forEach(function (button) { button.disabled = false; delete button.dataset.guarded; });
  });

  /* ----- menus ----- */
  document.addEventListener("click", function (event) {
    all("details[data-menu][open]").forEach(function (menu) { if (!menu.contains(event.target)) { menu.open = false; } });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    all("details[data-menu][open]").forEach(function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
  });

  /* ----- queues: j, k, Enter ----- */
  var queue = document.querySelector("[data-queue]");
  function typing(target) { return /^(INPUT|TEXTAREA|SELECT|BUTTON|SUMMARY|A)$/.test(target.tagName) || target.isContentEditable; }
  function mark(rows, index) {
    rows.forEach(function (row) { row.classList.remove("current"); });
    var row = rows[index];
    row.classList.add("current");
    row.scrollIntoView({ block: "nearest" });
  }
  if (queue) {
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) { return; }
      var rows = all("tbody tr", queue).filter(function (row) { return row.querySelector("a[href]"); });
      if (!rows.length) { return; }
      var now = rows.findIndex(function (row) { return row.classList.contains("current"); });
      if (event.key === "j") { mark(rows, Math.min(now + 1, rows.length - 1)); }
      else if (event.key === "k") { mark(rows, Math.max(now - 1, 0)); }
      else if (event.key === "Enter" && now >= 0) { rows[now].querySelector("a[href]").click(); }
      else { return; }
      event.preventDefault();
    });
  }

  /* ----- "/" leads to the search of the top bar ----- */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { return; }
    var field = document.getElementById("head-search");
    if (!field) { return; }
    event.preventDefault();
    if (field.offsetParent) { field.focus(); field.select(); } else { window.location.assign(field.form.action); }
  });

  /* ----- filter while typing: <input data-filter="#criteria"> over [data-text] or the items' own words ----- */
  all("input[data-filter]").forEach(function (input) {
    var list = document.querySelector(input.dataset.filter);
    if (!list) { return; }
    input.closest("[hidden]") && input.closest("[hidden]").removeAttribute("hidden");
    var items = all("[data-item]", list);
    if (!items.length) { items = all("li", list); }
    function narrow() {
      var words = input.value.trim().toLowerCase().split(/\s+/);
      items.forEach(function (item) {
        var text = ((item.dataset.text || "") + " " + item.textContent).toLowerCase();
        var chosen = item.querySelector("input:checked");
        item.hidden = !chosen && !words.every(function (word) { return text.indexOf(word) >= 0; });
      });
      all("[data-group]", list).forEach(function (group) {
        group.hidden = items.filter(function (item) { return group.contains(item); }).every(function (item) { return item.hidden; });
      });
      var empty = list.querySelector("[data-none]");
      if (empty) { empty.hidden = items.some(function (item) { return !item.hidden; }); }
    }
    input.addEventListener("input", narrow);
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") { event.preventDefault(); } });
    narrow();
  });

  /* ----- formsets: <div data-formset="form"> holds [data-row] elements, <template data-blank> and a [data-add] button ----- */
  all("[data-formset]").forEach(function (box) {
    var prefix = box.dataset.formset;
    var total = document.getElementById("id_" + prefix + "-TOTAL_FORMS");
    var most = document.getElementById("id_" + prefix + "-MAX_NUM_FORMS");
    var blank = box.querySelector("template[data-blank]");
    var add = box.querySelector("[data-add]");
    if (!total) { return; }
    function wireRemoval(row) {
      var box2 = row.querySelector("input[name$='-DELETE']");
      var button = row.querySelector("[data-remove]");
      if (!button) { return; }
      button.hidden = false;
      if (box2) { var holder = box2.closest(".form-check") || box2.parentNode; if (holder !== row) { holder.hidden = true; } }
      button.addEventListener("click", function () {
        if (box2) { box2.checked = true; row.classList.add("removed"); }
        else { all("input, textarea, select", row).forEach(function (field) {
          if (field.type !== "hidden") { field.value = ""; field.checked = false; }
        }); row.classList.add("removed"); }
        if (add) { add.focus(); }
      });
    }
    all("[data-row]", box).forEach(wireRemoval);
    if (!blank || !add) { return; }
    add.hidden = false;
    add.addEventListener("click", function () {
      var index = parseInt(total.value, 10);
      if (most && index >= parseInt(most.value, 10)) { add.disabled = true; return; }
      var holder = document.createElement("div");
      holder.innerHTML = blank.innerHTML.replace(/__prefix__/g, String(index));
      var row = holder.firstElementChild;
      add.parentNode.insertBefore(row, add);
      total.value = String(index + 1);
      wireRemoval(row);
      enhance(row);
      var first = row.querySelector("input:not([type=hidden]), select, textarea");
      if (first) { first.focus(); }
    });
  });

  /* ----- copy; the county's network is plain http, where navigator.clipboard does not exist ----- */
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(text); }
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    area.setAttribute("readonly", "");
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    document.body.removeChild(area);
    return done ? Promise.resolve() : Promise.reject(new Error("copy refused"));
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy], [data-print]");
    if (!button) { return; }
    if (button.hasAttribute("data-print")) { window.print(); return; }
    var value = button.dataset.copy;
    var source = /^#[\w-]+$/.test(value) ? document.querySelector(value) : null;
    copy(source ? source.value || source.textContent.trim() : value).then(function () {
      button.classList.add("copied");
      button.focus();
      window.setTimeout(function () { button.classList.remove("copied"); }, 2000);
    }, function () {});
  });
  all("[data-copy][hidden], [data-print][hidden]").forEach(function (button) { button.hidden = false; });

  /* ----- counters ----- */
  function enhance(root) {
    all("textarea[maxlength][data-counter]", root).forEach(function (area) {
      var most = parseInt(area.getAttribute("maxlength"), 10);
      var counter = document.createElement("span");
      counter.className = "counter";
      counter.setAttribute("aria-hidden", "true");
      area.parentNode.insertBefore(counter, area.nextSibling);
      function show() { counter.textContent = area.value.length + " / " + most; counter.classList.toggle("over", area.value.length >= most); }
      area.addEventListener("input", show);
      show();
    });
  }
  enhance(document);

  /* ----- a session that expires keeps the form -----
     Typed words only, in this browser tab only, under the person signed in (body data-person) and the address that the form
     goes to, so that nothing typed about one person stands in the form of another: never a password, a file or a hidden field.
     They go when the form was accepted, at sign-out, and for the next person. */
  var box = null;
  try { box = window.sessionStorage; } catch (error) { box = null; }
  var person = document.body.dataset.person || "";
  function forget(test) {
    Object.keys(box).forEach(function (key) { if (/^keep:/.test(key) && test(key)) { box.removeItem(key); } });
  }
  function fields(form) {
    return all("input, textarea, select", form).filter(function (field) {
      return field.name && !/^(hidden|password|file|submit|button)$/.test(field.type) && !field.hasAttribute("data-secret");
    });
  }
  function read(form) {
    var data = {};
    fields(form).forEach(function (field) {
      var value = field.type === "checkbox" || field.type === "radio" ? field.checked
        : field.multiple ? all("option:checked", field).map(function (option) { return option.value; }) : field.value;
      (data[field.name] = data[field.name] || []).push(value);
    });
    return data;
  }
  function write(form, data) {
    var count = {};
    fields(form).forEach(function (field) {
      count[field.name] = (count[field.name] || 0) + 1;
      var value = (data[field.name] || [])[count[field.name] - 1];
      if (value === undefined) { return; }
      if (field.type === "checkbox" || field.type === "radio") { field.checked = value; }
      else if (field.multiple) { all("option", field).forEach(function (option) { option.selected = value.indexOf(option.value) >= 0; }); }
      else { field.value = value; }
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  function keepWords() {
    var forms = {};
    all("form[data-keep]").forEach(function (form) {
      var target = form.getAttribute("action") || window.location.pathname + window.location.search;
      forms["keep:" + person + ":" + target + "#" + form.dataset.keep] = form;
    });
    var sent = box.getItem("sent");
    /* The sign-in page or an error page: the form that was just sent did not arrive. */
    if (!person) { box.removeItem("sent"); return; }
    forget(function (key) { return key.indexOf("keep:" + person + ":") !== 0; });
    /* Sent, and no sign-in page in between: accepted, unless the server sent the same form back bound. */
    if (sent && !(forms[sent] && forms[sent].hasAttribute("data-bound"))) { box.removeItem(sent); }
    box.removeItem("sent");
    Object.keys(forms).forEach(function (key) {
      var form = forms[key];
      var saved = null;
      try { saved = JSON.parse(box.getItem(key)); } catch (error) { box.removeItem(key); }
      /* What the server sends back after a refusal is newer than what was kept. */
      if (saved && !form.hasAttribute("data-bound")) { write(form, saved); }
      function remember() { try { box.setItem(key, JSON.stringify(read(form))); } catch (error) { /* full: nothing is kept */ } }
      form.addEventListener("input", remember);
      form.addEventListener("change", remember);
      form.addEventListener("submit", function () { box.setItem("sent", key); });
    });
    all("form[data-sign-out]").forEach(function (form) {
      form.addEventListener("submit", function () { forget(function () { return true; }); });
    });
  }
  if (box) { keepWords(); }
})();
