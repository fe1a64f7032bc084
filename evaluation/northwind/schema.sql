-- title: Northwind
-- source: Microsoft's sample database Northwind for SQL Server, script instnwnd.sql
-- licence: Microsoft's SQL Server samples, MIT
-- schema: Systems>Northwind>dbo
--
-- A transactional database, classified as a warehouse's model of it would be: orders and their lines are the facts, the
-- two many-to-many tables bridges, everything else dimensions.

CREATE TABLE Employees (
    EmployeeID       int            NOT NULL,
    LastName         nvarchar(20)   NOT NULL,
    FirstName        nvarchar(10)   NOT NULL,
    Title            nvarchar(30),
    TitleOfCourtesy  nvarchar(25),
    BirthDate        datetime,
    HireDate         datetime,
    Address          nvarchar(60),
    City             nvarchar(15),
    Region           nvarchar(15),
    PostalCode       nvarchar(10),
    Country          nvarchar(15),
    HomePhone        nvarchar(24),
    Extension        nvarchar(4),
    Photo            image,
    Notes            ntext,
    ReportsTo        int,
    PhotoPath        nvarchar(255),
    PRIMARY KEY (EmployeeID),
    FOREIGN KEY (ReportsTo) REFERENCES Employees (EmployeeID)
);

CREATE TABLE Categories (
    CategoryID    int           NOT NULL,
    CategoryName  nvarchar(15)  NOT NULL,
    Description   ntext,
    Picture       image,
    PRIMARY KEY (CategoryID)
);

CREATE TABLE Customers (
    CustomerID    nchar(5)      NOT NULL,
    CompanyName   nvarchar(40)  NOT NULL,
    ContactName   nvarchar(30),
    ContactTitle  nvarchar(30),
    Address       nvarchar(60),
    City          nvarchar(15),
    Region        nvarchar(15),
    PostalCode    nvarchar(10),
    Country       nvarchar(15),
    Phone         nvarchar(24),
    Fax           nvarchar(24),
    PRIMARY KEY (CustomerID)
);

CREATE TABLE Shippers (
    ShipperID    int           NOT NULL,
    CompanyName  nvarchar(40)  NOT NULL,
    Phone        nvarchar(24),
    PRIMARY KEY (ShipperID)
);

CREATE TABLE Suppliers (
    SupplierID    int           NOT NULL,
    CompanyName   nvarchar(40)  NOT NULL,
    ContactName   nvarchar(30),
    ContactTitle  nvarchar(30),
    Address       nvarchar(60),
    City          nvarchar(15),
    Region        nvarchar(15),
    PostalCode    nvarchar(10),
    Country       nvarchar(15),
    Phone         nvarchar(24),
    Fax           nvarchar(24),
    HomePage      ntext,
    PRIMARY KEY (SupplierID)
);

CREATE TABLE Orders (
    OrderID         int           NOT NULL,
    CustomerID      nchar(5),
    EmployeeID      int,
    OrderDate       datetime,
    RequiredDate    datetime,
    ShippedDate     datetime,
    ShipVia         int,
    Freight         money,
    ShipName        nvarchar(40),
    ShipAddress     nvarchar(60),
    ShipCity        nvarchar(15),
    ShipRegion      nvarchar(15),
    ShipPostalCode  nvarchar(10),
    ShipCountry     nvarchar(15),
    PRIMARY KEY (OrderID),
    FOREIGN KEY (CustomerID) REFERENCES Customers (CustomerID),
    FOREIGN KEY (EmployeeID) REFERENCES Employees (EmployeeID),
    FOREIGN KEY (ShipVia) REFERENCES Shippers (ShipperID)
);

CREATE TABLE Products (
    ProductID        int           NOT NULL,
    ProductName      nvarchar(40)  NOT NULL,
    SupplierID       int,
    CategoryID       int,
    QuantityPerUnit  nvarchar(20),
    UnitPrice        money,
    UnitsInStock     smallint,
    UnitsOnOrder     smallint,
    ReorderLevel     smallint,
    Discontinued     bit           NOT NULL,
    PRIMARY KEY (ProductID),
    FOREIGN KEY (CategoryID) REFERENCES Categories (CategoryID),
    FOREIGN KEY (SupplierID) REFERENCES Suppliers (SupplierID)
);

CREATE TABLE "Order Details" (
    OrderID    int       NOT NULL,
    ProductID  int       NOT NULL,
    UnitPrice  money     NOT NULL,
    Quantity   smallint  NOT NULL,
    Discount   real      NOT NULL,
    PRIMARY KEY (OrderID, ProductID),
    FOREIGN KEY (OrderID) REFERENCES Orders (OrderID),
    FOREIGN KEY (ProductID) REFERENCES Products (ProductID)
);

CREATE TABLE CustomerCustomerDemo (
    CustomerID      nchar(5)   NOT NULL,
    CustomerTypeID  nchar(10)  NOT NULL,
    PRIMARY KEY (CustomerID, CustomerTypeID),
    FOREIGN KEY (CustomerTypeID) REFERENCES CustomerDemographics (CustomerTypeID),
    FOREIGN KEY (CustomerID) REFERENCES Customers (CustomerID)
);

CREATE TABLE CustomerDemographics (
    CustomerTypeID  nchar(10)  NOT NULL,
    CustomerDesc    ntext,
    PRIMARY KEY (CustomerTypeID)
);

CREATE TABLE Region (
    RegionID           int        NOT NULL,
    RegionDescription  nchar(50)  NOT NULL,
    PRIMARY KEY (RegionID)
);

CREATE TABLE Territories (
    TerritoryID           nvarchar(20)  NOT NULL,
    TerritoryDescription  nchar(50)     NOT NULL,
    RegionID              int           NOT NULL,
    PRIMARY KEY (TerritoryID),
    FOREIGN KEY (RegionID) REFERENCES Region (RegionID)
);

CREATE TABLE EmployeeTerritories (
    EmployeeID   int           NOT NULL,
    TerritoryID  nvarchar(20)  NOT NULL,
    PRIMARY KEY (EmployeeID, TerritoryID),
    FOREIGN KEY (EmployeeID) REFERENCES Employees (EmployeeID),
    FOREIGN KEY (TerritoryID) REFERENCES Territories (TerritoryID)
);
